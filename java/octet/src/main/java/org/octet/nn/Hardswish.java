package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * x * relu6(x + 3) / 6; quantized results keep the parameters of the input. Takes float32 and 8-bit
 * quantized tensors of any shape.
 */
public class Hardswish extends Module {
  @Override
  public Tensor forward(Tensor... in) {
    return UnaryOp.HARDSWISH.apply(in[0]);
  }
}
