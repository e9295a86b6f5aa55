package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/** max(x, 0). Takes float32 and 8-bit quantized tensors of any shape. */
public class ReLU extends Module {
  @Override
  public Tensor forward(Tensor... in) {
    return UnaryOp.RELU.apply(in[0]);
  }
}
