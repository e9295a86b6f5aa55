package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * relu6(x + 3) / 6; quantized results have scale 1/256. Takes float32 and 8-bit quantized tensors
 * of any shape.
 */
public class Hardsigmoid extends Module {
  @Override
  public Tensor forward(Tensor... in) {
    return UnaryOp.HARDSIGMOID.apply(in[0]);
  }
}
