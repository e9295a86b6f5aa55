package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * 1 / (1 + e^-x); quantized results have scale 1/256. Takes float32 and 8-bit quantized tensors of
 * any shape.
 */
public class Sigmoid extends Module {
  @Override
  public Tensor forward(Tensor... in) {
    return UnaryOp.SIGMOID.apply(in[0]);
  }
}
