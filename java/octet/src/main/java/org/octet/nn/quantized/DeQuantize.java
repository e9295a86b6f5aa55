package org.octet.nn.quantized;

import org.octet.nn.Module;
import org.octet.ops.DequantizeOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * 8-bit codes to float32: what a DeQuantStub becomes. Any shape; a float tensor passes unchanged,
 * as in PyTorch.
 */
public final class DeQuantize extends Module {
  private static final DequantizeOp OP = new DequantizeOp();

  /** A dequantizing module. */
  public DeQuantize() {
    eval();
  }

  @Override
  public Tensor forward(Tensor... in) {
    return in[0] instanceof FloatTensor ? in[0] : OP.apply(in[0]);
  }
}
