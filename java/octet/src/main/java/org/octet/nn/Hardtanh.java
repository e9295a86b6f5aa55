package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/** min(max(x, minVal), maxVal). Takes float32 and 8-bit quantized tensors of any shape. */
public class Hardtanh extends Module {
  private final UnaryOp op;

  /** Bounds -1 and 1. */
  public Hardtanh() {
    this(-1f, 1f);
  }

  /** Given bounds. */
  public Hardtanh(float minVal, float maxVal) {
    op = UnaryOp.clamp(minVal, maxVal);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "Hardtanh(" + op.lo() + ", " + op.hi() + ")";
  }
}
