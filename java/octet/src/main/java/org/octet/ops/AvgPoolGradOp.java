package org.octet.ops;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Gradient of the average pools (training). Input: gradient of y; result: gradient of x. */
final class AvgPoolGradOp extends Op {
  private final Shape input;
  private final AvgWindows h;
  private final AvgWindows w;
  private final int divisor;

  AvgPoolGradOp(Shape input, AvgWindows h, AvgWindows w, int divisor) {
    this.input = input;
    this.h = h;
    this.w = w;
    this.divisor = divisor;
  }

  @Override
  public String name() {
    return "avg_pool_grad";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    return new Tensor[] {FloatTensor.ofSpec(input, MemoryFormat.CHANNELS_LAST)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    FloatTensor dx = FloatTensor.empty(input, MemoryFormat.CHANNELS_LAST);
    PoolLoops.averageGrad(Rows.dense(in[0], MemoryFormat.CHANNELS_LAST), dx, h, w, divisor);
    return new Tensor[] {dx};
  }
}
