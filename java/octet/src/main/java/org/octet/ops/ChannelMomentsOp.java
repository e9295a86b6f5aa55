package org.octet.ops;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Mean and biased variance of each channel of x [N, C], [N, C, L] or [N, C, H, W], with gradients
 * (training). Outputs: mean [C], variance [C].
 */
public final class ChannelMomentsOp extends Op {
  @Override
  public String name() {
    return "channel_moments";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    BatchNormOp.check(name(), in[0]);
    FloatTensor c = FloatTensor.ofSpec(Shape.of(in[0].size(1)), MemoryFormat.CONTIGUOUS);
    return new Tensor[] {c, c};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    Tensor[] out = new BatchNormTrainingOp(0).execute(context, in[0], null, null);
    out[0].close();
    return new Tensor[] {out[1], out[2]};
  }

  /** {@code dx = (dmean + 2 (x - mean) dvar) / n}, as a scale and a shift of each channel. */
  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    float n = (float) in[0].numel() / in[0].size(1);
    Tensor factor = new ScaleOp(2f / n).apply(grads[1]);
    Tensor shift =
        SubOp.INSTANCE.apply(
            new ScaleOp(1f / n).apply(grads[0]), BinaryOp.MUL.apply(factor, outputs[0]));
    return new Tensor[] {ChannelScaleOp.MULTIPLY.apply(in[0], factor, shift)};
  }
}
