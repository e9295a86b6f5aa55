package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/** min(max(x, 0), 6). Takes float32 and 8-bit quantized tensors of any shape. */
public class ReLU6 extends Module {
  @Override
  public Tensor forward(Tensor... in) {
    return UnaryOp.RELU6.apply(in[0]);
  }
}
