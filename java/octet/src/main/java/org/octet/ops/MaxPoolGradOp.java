package org.octet.ops;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Tensor;

/** Gradient of {@link MaxPoolOp} (training). Inputs: gradient of y, x, y; result: gradient of x. */
final class MaxPoolGradOp extends Op {
  private final ConvGeometry window;

  MaxPoolGradOp(ConvGeometry window) {
    this.window = window;
  }

  @Override
  public String name() {
    return "max_pool_grad";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    return new Tensor[] {FloatTensor.ofSpec(in[1].shape(), MemoryFormat.CHANNELS_LAST)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    FloatTensor dx = FloatTensor.empty(in[1].shape(), MemoryFormat.CHANNELS_LAST);
    PoolLoops.maxGrad(
        Rows.dense(in[0], MemoryFormat.CHANNELS_LAST),
        Rows.dense(in[1], MemoryFormat.CHANNELS_LAST),
        Rows.dense(in[2], MemoryFormat.CHANNELS_LAST),
        dx,
        window);
    return new Tensor[] {dx};
  }
}
