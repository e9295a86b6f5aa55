package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Sums of a * b over everything but one dimension, 0 or 1 (training): the gradient of a channel's
 * factor. Result: [C].
 */
public final class ChannelProductSumOp extends Op {
  private final int axis;

  /** Keeps dimension {@code axis}. */
  public ChannelProductSumOp(int axis) {
    this.axis = axis;
  }

  @Override
  public String name() {
    return "channel_product_sum";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("axis", axis);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.sameShape(name(), in[0], in[1]);
    return new Tensor[] {FloatTensor.ofSpec(Shape.of(in[0].size(axis)), MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    int channels = infer(in)[0].size(0);
    double[] sums;
    if (axis == 0) {
      ChannelRuns runs = ChannelRuns.of(in[0], 0);
      sums =
          runs.sums(
                  1,
                  (v, sum, from, to, c) -> {
                    for (int i = from; i < to; i++) {
                      sum[0] += (double) v[0][i] * v[1][i];
                    }
                  },
                  runs.x(),
                  runs.alike(in[1]))[0];
    } else {
      FloatTensor a = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
      FloatTensor b = Rows.dense(in[1], MemoryFormat.CHANNELS_LAST);
      sums =
          Rows.sums(
              1,
              channels,
              (v, sum, n) -> {
                for (int i = 0; i < n; i++) {
                  sum[0][i] += v[0][i] * v[1][i];
                }
              },
              a,
              b)[0];
    }
    float[] out = new float[channels];
    for (int c = 0; c < channels; c++) {
      out[c] = (float) sums[c];
    }
    return new Tensor[] {FloatTensor.of(out, channels)};
  }
}
