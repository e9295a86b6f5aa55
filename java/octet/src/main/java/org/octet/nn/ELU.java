package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * x where it is positive, else alpha * (e^x - 1). Takes float32 and 8-bit quantized tensors of any
 * shape.
 */
public class ELU extends Module {
  private final UnaryOp op;

  /** With alpha 1. */
  public ELU() {
    this(1f);
  }

  /** With a given alpha. */
  public ELU(float alpha) {
    op = UnaryOp.elu(alpha, null);
  }

  /** What the function tends to, less its sign. */
  public final float alpha() {
    return op.alpha();
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "ELU(" + alpha() + ")";
  }
}
