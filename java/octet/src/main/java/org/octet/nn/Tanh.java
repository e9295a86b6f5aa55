package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * Hyperbolic tangent; quantized results have scale 2/256. Takes float32 and 8-bit quantized tensors
 * of any shape.
 */
public class Tanh extends Module {
  @Override
  public Tensor forward(Tensor... in) {
    return UnaryOp.TANH.apply(in[0]);
  }
}
