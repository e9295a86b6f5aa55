package org.octet.nn.quantized.dynamic;

import org.octet.nn.Module;
import org.octet.ops.Activation;
import org.octet.ops.DynamicLinearOp;
import org.octet.ops.DynamicLinearOp.Granularity;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Linear layer over the last dimension with qint8 weights: float32 [..., in] to float32 [..., out].
 * The input is quantized to quint8 at every call, from its own minimum and maximum. State: weight
 * (qint8 [out, in]), bias (float32 [out]).
 */
public class DynamicQuantizedLinear extends Module {
  private final Key weight;
  private final Key bias;
  private final DynamicLinearOp op;

  /**
   * A layer with one scale for the whole input, as PyTorch's.
   *
   * @param weight qint8 [out, in], per tensor or along axis 0
   * @param bias float32 [out], or null
   * @param reduceRange codes 0..127 instead of 0..255, as PyTorch's x86 engine uses them
   * @throws org.octet.tensor.OctetException if dtypes, shapes or the axis do not fit
   */
  public DynamicQuantizedLinear(QuantizedTensor weight, FloatTensor bias, boolean reduceRange) {
    this(weight, bias, reduceRange, Granularity.PER_TENSOR);
  }

  /** A layer with one scale for the whole input or for each row of it. */
  public DynamicQuantizedLinear(
      QuantizedTensor weight, FloatTensor bias, boolean reduceRange, Granularity granularity) {
    this(weight, bias, new DynamicLinearOp(reduceRange, granularity, Activation.NONE));
  }

  DynamicQuantizedLinear(QuantizedTensor weight, FloatTensor bias, DynamicLinearOp op) {
    String name = getClass().getSimpleName();
    if (weight.dtype() != DType.QINT8) {
      throw new DTypeException(
          name
              + " got a "
              + weight.dtype()
              + " weight; expected qint8. Use a weight observer of dtype qint8.");
    }
    if (weight.shape().rank() != 2) {
      throw new ShapeException(
          name + " got a weight of shape " + weight.shape() + "; expected [out, in].");
    }
    if (weight.qparams().isPerChannel() && weight.qparams().axis() != 0) {
      throw new QParamsException(
          name
              + " got a weight quantized along axis "
              + weight.qparams().axis()
              + "; expected axis 0, the output features.");
    }
    if (bias != null && (bias.shape().rank() != 1 || bias.size(0) != weight.size(0))) {
      throw new ShapeException(
          name + " got a bias of shape " + bias.shape() + "; expected [" + weight.size(0) + "].");
    }
    this.weight = buffer("weight", weight);
    // A copy: the float model's own bias may go on being trained.
    this.bias = buffer("bias", bias == null ? null : bias.copy());
    this.op = op;
    eval();
  }

  /** The weight, qint8 [out, in]. */
  public final QuantizedTensor weight() {
    return (QuantizedTensor) getBuffer(weight);
  }

  /**
   * The bias, float32 [out], or null. Not to be changed in place: packed operators would not see
   * it.
   */
  public final FloatTensor bias() {
    return get(bias);
  }

  /** Whether codes of the input are 0..127. */
  public final boolean reduceRange() {
    return op.reduceRange();
  }

  /** What shares one scale. */
  public final Granularity granularity() {
    return op.granularity();
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0], weight(), bias());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + weight().size(1)
        + ", "
        + weight().size(0)
        + ", "
        + (weight().qparams().isPerChannel() ? "per channel" : "per tensor")
        + (reduceRange() ? ", reduce_range)" : ")");
  }
}
