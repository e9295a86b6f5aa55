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

  QuantizedLayer(QuantizedTensor weight, FloatTensor bias, QParams output, Activation activation) {
    super(output);
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
    if (w.qparams().isPerChannel() && w.qparams().axis() != 0) {
      throw new QParamsException(
          name
              + " got a weight "
              + w.shape()
              + " quantized along axis "
              + w.qparams().axis()
              + "; expected axis 0, the output channels.");
    }
    if (b != null && (b.shape().rank() != 1 || b.size(0) != w.size(0))) {
      throw new ShapeException(
          name
              + " got a bias of shape "
              + b.shape()
              + "; expected ["
              + w.size(0)
              + "], as the weight "
              + w.shape()
              + " says.");
    }
  }

  /** The weight: qint8, output channels first. */
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
