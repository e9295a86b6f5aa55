package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * x where it is positive, else x times a small slope. Takes float32 and 8-bit quantized tensors of
 * any shape.
 */
public class LeakyReLU extends Module {
  private final UnaryOp op;

  /** With the slope 0.01. */
  public LeakyReLU() {
    this(0.01f);
  }

  /** With a given slope. */
  public LeakyReLU(float negativeSlope) {
    op = UnaryOp.leakyRelu(negativeSlope, null);
  }

  /** The slope below 0. */
  public final float negativeSlope() {
    return op.alpha();
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "LeakyReLU(" + negativeSlope() + ")";
  }
}
