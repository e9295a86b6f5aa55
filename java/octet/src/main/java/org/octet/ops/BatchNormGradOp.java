package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Gradients of batch normalisation. Inputs: gradient of y, x, weight (may be null), mean [C],
 * biased variance [C]; with a ReLU after it also bias (may be null). Outputs: gradients of x,
 * weight, bias. With batch statistics the mean and variance depend on x; given ones do not.
 */
public final class BatchNormGradOp extends Op {
  private final double eps;

  /**
   * Times a positive number, at least 1; times others, at most 0: between these bounds a mask that
   * the JIT vectorises, which it does not do with a choice.
   */
  private static final float STEEP = Float.MAX_VALUE;

  private final boolean batchStatistics;
  private final boolean relu;

  /**
   * Gradient of {@link BatchNormTrainingOp} ({@code batchStatistics}) or of {@link BatchNormOp}.
   */
  public BatchNormGradOp(double eps, boolean batchStatistics) {
    this(eps, batchStatistics, false);
  }

  BatchNormGradOp(double eps, boolean batchStatistics, boolean relu) {
    this.eps = eps;
    this.batchStatistics = batchStatistics;
    this.relu = relu;
  }

  @Override
  public String name() {
    return "batch_norm_grad";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("epsilon", eps, "batch_statistics", batchStatistics);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.sameShape(name(), in[0], in[1]);
    FloatTensor c = FloatTensor.ofSpec(Shape.of(in[1].size(1)), MemoryFormat.CONTIGUOUS);
    return new Tensor[] {FloatTensor.ofSpec(in[1].shape(), MemoryFormat.CHANNELS_LAST), c, c};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    FloatTensor g = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
    FloatTensor x = Rows.dense(in[1], MemoryFormat.CHANNELS_LAST);
    int channels = x.size(1);
    float[] mean = ((FloatTensor) in[3]).toArray();
    float[] var = ((FloatTensor) in[4]).toArray();
    float[] w = in[2] == null ? null : ((FloatTensor) in[2]).toArray();
    float[] tm = Rows.tile(mean);
    float[][] affine =
        relu ? BatchNormTrainingOp.affine(mean, var, in[2], in[5], eps) : new float[2][channels];
    float[] alpha = Rows.tile(affine[0]);
    float[] beta = Rows.tile(affine[1]);
    double[][] sums =
        Rows.sums(
            2,
            channels,
            (a, p, k) -> {
              if (relu) {
                maskedSums(a[0], a[1], p[0], p[1], new float[][] {alpha, beta, tm}, k);
                return;
              }
              float[] gv = a[0];
              float[] xv = a[1];
              float[] s = p[0];
              float[] d = p[1];
              for (int i = 0; i < k; i++) {
                s[i] += gv[i];
                d[i] += gv[i] * (xv[i] - tm[i]);
              }
            },
            g,
            x);
    double n = (double) x.numel() / channels;
    float[] gradWeight = new float[channels];
    float[] gradBias = new float[channels];
    // dx = g * ca + (x - mean) * cb + cc
    float[] ca = new float[channels];
    float[] cb = new float[channels];
    float[] cc = new float[channels];
    for (int c = 0; c < channels; c++) {
      double inv = 1 / Math.sqrt(var[c] + eps);
      double a = (w == null ? 1 : w[c]) * inv;
      gradBias[c] = (float) sums[0][c];
      gradWeight[c] = (float) (sums[1][c] * inv);
      ca[c] = (float) a;
      cb[c] = (float) (-a * inv * inv * sums[1][c] / n);
      cc[c] = (float) (-a * sums[0][c] / n);
    }
    FloatTensor dx = FloatTensor.empty(x.shape(), MemoryFormat.CHANNELS_LAST);
    float[] ta = Rows.tile(ca);
    float[] tb = Rows.tile(cb);
    float[] tc = Rows.tile(cc);
    if (batchStatistics) {
      Rows.map(
          dx,
          channels,
          (a, o, k) -> {
            float[] gv = a[0];
            float[] xv = a[1];
            if (relu) {
              mask(gv, xv, alpha, beta, k);
            }
            for (int i = 0; i < k; i++) {
              o[i] = gv[i] * ta[i] + (xv[i] - tm[i]) * tb[i] + tc[i];
            }
          },
          g,
          x);
    } else {
      BatchNormTrainingOp.affine(dx, g, ca, new float[channels]);
    }
    return new Tensor[] {
      dx, FloatTensor.of(gradWeight, channels), FloatTensor.of(gradBias, channels)
    };
  }

  private static void maskedSums(
      float[] g, float[] x, float[] s, float[] d, float[][] channel, int n) {
    float[] mean = channel[2];
    mask(g, x, channel[0], channel[1], n);
    for (int i = 0; i < n; i++) {
      s[i] += g[i];
      d[i] += g[i] * (x[i] - mean[i]);
    }
  }

  /**
   * Sets the gradient to 0 where the result before the ReLU, computed as it was, is not positive.
   */
  private static void mask(float[] g, float[] x, float[] alpha, float[] beta, int n) {
    for (int i = 0; i < n; i++) {
      g[i] *= Math.min(Math.max((x[i] * alpha[i] + beta[i]) * STEEP, 0f), 1f);
    }
  }
}
