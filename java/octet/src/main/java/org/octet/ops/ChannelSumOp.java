package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Sums over everything but one dimension (training): the gradient of a bias. Result: [C]. */
public final class ChannelSumOp extends Op {
  private final boolean last;

  /** Keeps dimension 1, or the last one. */
  public ChannelSumOp(boolean last) {
    this.last = last;
  }

  @Override
  public String name() {
    return "channel_sum";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("last", last);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    return new Tensor[] {
      FloatTensor.ofSpec(Shape.of(in[0].size(last ? -1 : 1)), MemoryFormat.CONTIGUOUS)
    };
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    int channels = infer(in)[0].size(0);
    FloatTensor x = Rows.dense(in[0], last ? MemoryFormat.CONTIGUOUS : MemoryFormat.CHANNELS_LAST);
    double[] sums = Rows.sums(channels, x);
    float[] out = new float[channels];
    for (int c = 0; c < channels; c++) {
      out[c] = (float) sums[c];
    }
    return new Tensor[] {FloatTensor.of(out, channels)};
  }
}
