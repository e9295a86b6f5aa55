package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * x where it is positive, else alpha * (e^(x / alpha) - 1). Takes float32 and 8-bit quantized
 * tensors of any shape; quantized results keep the input's parameters.
 */
public class CELU extends Module {
  private final UnaryOp op;

  /** With alpha 1. */
  public CELU() {
    this(1f);
  }

  /**
   * With a given alpha.
   *
   * @throws org.octet.tensor.OctetException if it is 0
   */
  public CELU(float alpha) {
    op = UnaryOp.celu(alpha, null);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "CELU(" + op.alpha() + ")";
  }
}
