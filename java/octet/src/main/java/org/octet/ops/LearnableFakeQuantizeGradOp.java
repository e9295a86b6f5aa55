package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Tensor;

/**
 * Gradients of {@link LearnableFakeQuantizeOp} (training). Inputs: gradient of y, x, scale, zero
 * point. Outputs: gradients of x, scale and zero point.
 *
 * <p>With z the zero point rounded and clamped (per tensor towards zero after adding 1/2, which
 * PyTorch does here and not in forward; per channel half to even), and f the factor: where the code
 * is in range, dx = dy and dscale = dy * (y - x) / scale * f; below, dscale = dy * (quantMin - z) *
 * f; above, dscale = dy * (quantMax - z) * f; out of range also dzero = -dy * scale * f.
 */
public final class LearnableFakeQuantizeGradOp extends Op {
  private final LearnableFakeQuantizeOp of;

  /** Gradient of {@code of}. */
  public LearnableFakeQuantizeGradOp(LearnableFakeQuantizeOp of) {
    this.of = of;
  }

  @Override
  public String name() {
    return of.name() + "_grad";
  }

  @Override
  public Map<String, Object> attributes() {
    return of.attributes();
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.sameShape(name(), in[0], in[1]);
    FloatTensor p = FloatTensor.ofSpec(in[2].shape(), MemoryFormat.CONTIGUOUS);
    return new Tensor[] {FloatTensor.ofSpec(in[1].shape(), in[1].format()), p, p};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    ChannelRuns runs = ChannelRuns.of(in[1], of.axis());
    FloatTensor g = runs.alike(in[0]);
    float[] scales = ((FloatTensor) in[2]).toArray();
    float[] zeroPoints = ((FloatTensor) in[3]).toArray();
    int min = of.quantMin();
    int max = of.quantMax();
    for (int c = 0; c < zeroPoints.length; c++) {
      float z =
          of.axis() < 0 ? (float) (long) (zeroPoints[c] + 0.5f) : (float) Math.rint(zeroPoints[c]);
      zeroPoints[c] = Math.min(Math.max(z, min), max);
    }
    FloatTensor dx =
        runs.map(
            (v, out, from, to, c) -> {
              float inverse = 1f / scales[c];
              for (int i = from; i < to; i++) {
                double q = Math.rint(zeroPoints[c] + v[0][i] * inverse);
                out[i] = q >= min && q <= max ? v[1][i] : 0f;
              }
            },
            runs.x(),
            g);
    double[][] sums =
        runs.sums(
            2,
            (v, sum, from, to, c) -> {
              float z = zeroPoints[c];
              float scale = scales[c];
              float inverse = 1f / scale;
              for (int i = from; i < to; i++) {
                float x = v[0][i];
                float dy = v[1][i];
                double q = Math.rint(z + x * inverse);
                if (q >= min && q <= max) {
                  float y = ((float) q - z) * scale;
                  sum[0] += dy * (y - x) * inverse;
                } else {
                  sum[0] += dy * ((q > max ? max : min) - z);
                  sum[1] -= dy * scale;
                }
              }
            },
            runs.x(),
            g);
    return new Tensor[] {dx, scaled(sums[0]), scaled(sums[1])};
  }

  private FloatTensor scaled(double[] sums) {
    float[] out = new float[sums.length];
    for (int c = 0; c < out.length; c++) {
      out[c] = (float) (sums[c] * of.gradFactor());
    }
    return FloatTensor.of(out, out.length);
  }
}
