package org.octet.nn.quantized;

import org.octet.ops.Activation;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** A quantized layer with weights. State: weight (qint8), bias (float32), scale, zero_point. */
public abstract class QuantizedLayer extends QuantizedOpModule {
  private final Key weight;
  private final Key bias;
  private final Activation activation;

  private final int outputAxis;
  private final int groups;

  QuantizedLayer(QuantizedTensor weight, FloatTensor bias, QParams output, Activation activation) {
    this(weight, bias, output, activation, 0, 1);
  }

  /** A weight whose axis {@code outputAxis} has the output channels of one of {@code groups}. */
  QuantizedLayer(
      QuantizedTensor weight,
      FloatTensor bias,
      QParams output,
      Activation activation,
      int outputAxis,
      int groups) {
    super(output);
    this.outputAxis = outputAxis;
    this.groups = groups;
    check(weight, bias);
    this.weight = buffer("weight", weight);
    // A copy: the float model's own bias may go on being trained.
    this.bias = buffer("bias", bias == null ? null : bias.copy());
    this.activation = activation;
  }

  private void check(QuantizedTensor w, FloatTensor b) {
    String name = getClass().getSimpleName();
    if (w.dtype() != DType.QINT8) {
      throw new DTypeException(
          name
              + " got a "
              + w.dtype()
              + " weight; expected qint8. Use a weight observer of dtype qint8.");
    }
    if (w.qparams().isPerChannel() && w.qparams().axis() != outputAxis) {
      throw new QParamsException(
          name
              + " got a weight "
              + w.shape()
              + " quantized along axis "
              + w.qparams().axis()
              + "; expected axis "
              + outputAxis
              + ", the output channels.");
    }
    int outputs = w.shape().rank() > outputAxis ? w.size(outputAxis) * groups : 0;
    if (b != null && (b.shape().rank() != 1 || b.size(0) != outputs)) {
      throw new ShapeException(
          name
              + " got a bias of shape "
              + b.shape()
              + "; expected ["
              + outputs
              + "], as the weight "
              + w.shape()
              + " says.");
    }
  }

  /** The weight: qint8, output channels first, or second where convolutions are transposed. */
  public final QuantizedTensor weight() {
    return (QuantizedTensor) getBuffer(weight);
  }

  /**
   * The bias, float32 [output channels], or null. Not to be changed in place: packed operators
   * would not see it.
   */
  public final FloatTensor bias() {
    return get(bias);
  }

  /**
   * This layer with another bias; weights are shared.
   *
   * @param value float32 [output channels], copied
   * @throws ShapeException if it has another shape
   */
  public final QuantizedLayer withBias(FloatTensor value) {
    check(weight(), value);
    QuantizedLayer layer = (QuantizedLayer) copy();
    layer.set(bias, value.copy());
    return layer;
  }

  /** The fused activation. */
  public final Activation activation() {
    return activation;
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op().apply(in[0], weight(), bias());
  }

  /** What {@code toString} says of every layer. */
  final String details() {
    return (weight().qparams().isPerChannel() ? "per channel" : "per tensor")
        + ", scale="
        + scale()
        + ", zero_point="
        + zeroPoint()
        + ")";
  }
}
