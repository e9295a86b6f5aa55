package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * x where it is above a threshold, else a value. Takes float32 and 8-bit quantized tensors of any
 * shape; quantized results keep the input's parameters.
 */
public class Threshold extends Module {
  private final UnaryOp op;

  /** With a threshold and what stands for the rest. */
  public Threshold(float threshold, float value) {
    op = UnaryOp.threshold(threshold, value);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "Threshold" + op.attributes().values();
  }
}
