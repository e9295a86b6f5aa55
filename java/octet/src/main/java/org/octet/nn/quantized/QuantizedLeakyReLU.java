package org.octet.nn.quantized;

import org.octet.ops.Op;
import org.octet.ops.UnaryOp;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * x where it is positive, else x times a slope, on 8-bit codes of any shape. State: scale,
 * zero_point.
 */
public final class QuantizedLeakyReLU extends QuantizedOpModule {
  private final float negativeSlope;

  /**
   * A function with results of the given parameters.
   *
   * @param output quint8 or qint8 as the input, per tensor
   */
  public QuantizedLeakyReLU(float negativeSlope, QParams output) {
    super(output);
    this.negativeSlope = negativeSlope;
  }

  @Override
  Op makeOp(QParams output) {
    return UnaryOp.leakyRelu(negativeSlope, output);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op().apply(requireQuantized(in[0]));
  }

  @Override
  public String toString() {
    return "QuantizedLeakyReLU(" + negativeSlope + ", " + output() + ")";
  }
}
