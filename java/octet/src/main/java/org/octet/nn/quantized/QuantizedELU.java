package org.octet.nn.quantized;

import org.octet.ops.Op;
import org.octet.ops.UnaryOp;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * x where it is positive, else alpha * (e^x - 1), on 8-bit codes of any shape. State: scale,
 * zero_point.
 */
public final class QuantizedELU extends QuantizedOpModule {
  private final float alpha;

  /**
   * A function with results of the given parameters.
   *
   * @param output quint8 or qint8 as the input, per tensor
   */
  public QuantizedELU(float alpha, QParams output) {
    super(output);
    this.alpha = alpha;
  }

  @Override
  Op makeOp(QParams output) {
    return UnaryOp.elu(alpha, output);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op().apply(requireQuantized(in[0]));
  }

  @Override
  public String toString() {
    return "QuantizedELU(" + alpha + ", " + output() + ")";
  }
}
