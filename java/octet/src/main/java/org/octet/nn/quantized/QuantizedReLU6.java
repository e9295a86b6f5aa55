package org.octet.nn.quantized;

import org.octet.nn.Module;
import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/** min(max(x, 0), 6) on 8-bit codes of any shape, which keep their parameters. */
public final class QuantizedReLU6 extends Module {
  /** A clamp of codes. */
  public QuantizedReLU6() {
    eval();
  }

  @Override
  public Tensor forward(Tensor... in) {
    return UnaryOp.RELU6.apply(QuantizedOpModule.requireQuantized(in[0]));
  }
}
