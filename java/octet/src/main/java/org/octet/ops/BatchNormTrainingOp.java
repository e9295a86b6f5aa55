package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Batch normalisation with the batch's own statistics (training).
 *
 * <p>Inputs: x [N, C] or [N, C, ...] with 1 to 3 more dimensions; weight, bias [C], each may be
 * null. Outputs: y; the batch's mean [C] and biased variance [C], through which no gradient flows.
 */
public final class BatchNormTrainingOp extends Op {
  private final double eps;
  private final boolean relu;

  /** {@code eps} is added to the variance. */
  public BatchNormTrainingOp(double eps) {
    this(eps, false);
  }

  /** With max(y, 0) in the same op, if {@code relu}. */
  public BatchNormTrainingOp(double eps, boolean relu) {
    this.eps = eps;
    this.relu = relu;
  }

  @Override
  public String name() {
    return relu ? "batch_norm_relu_training" : "batch_norm_training";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("epsilon", eps);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    BatchNormOp.check(name(), in[0], in[1], in[2]);
    int channels = in[0].size(1);
    if (in[0].numel() == channels) {
      throw new ShapeException(
          "Op "
              + name()
              + " got shape "
              + in[0].shape()
              + ", one value for each channel; expected more while training. "
              + "Use a larger batch, or call eval().");
    }
    FloatTensor stats = FloatTensor.ofSpec(Shape.of(channels), MemoryFormat.CONTIGUOUS);
    return new Tensor[] {
      FloatTensor.ofSpec(in[0].shape(), MemoryFormat.CHANNELS_LAST), stats, stats
    };
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CHANNELS_LAST;
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    FloatTensor x = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
    int channels = x.size(1);
    double n = (double) x.numel() / channels;
    // One pass over memory: sums of x - shift and of its square. A shift near the mean, here the
    // first row, keeps the
    // difference of the two from cancelling.
    float[] shift = new float[channels];
    x.borrow().get(shift);
    float[] s = Rows.tile(shift);
    double[][] sums =
        Rows.sums(
            2,
            channels,
            (a, p, k) -> {
              float[] v = a[0];
              float[] first = p[0];
              float[] second = p[1];
              for (int i = 0; i < k; i++) {
                float d = v[i] - s[i];
                first[i] += d;
                second[i] += d * d;
              }
            },
            x);
    float[] mean = new float[channels];
    float[] var = new float[channels];
    for (int c = 0; c < channels; c++) {
      double d = sums[0][c] / n;
      mean[c] = (float) (shift[c] + d);
      var[c] = (float) Math.max(0, sums[1][c] / n - d * d);
    }
    float[][] affine = affine(mean, var, in[1], in[2], eps);
    FloatTensor y = FloatTensor.empty(x.shape(), MemoryFormat.CHANNELS_LAST);
    if (relu) {
      affineRelu(y, x, affine[0], affine[1]);
    } else {
      affine(y, x, affine[0], affine[1]);
    }
    if (x != in[0]) {
      x.close();
    }
    return new Tensor[] {y, FloatTensor.of(mean, channels), FloatTensor.of(var, channels)};
  }

  /** {alpha, beta} of y = x * alpha[c] + beta[c]. */
  static float[][] affine(float[] mean, float[] var, Tensor weight, Tensor bias, double eps) {
    int channels = mean.length;
    float[] alpha = new float[channels];
    float[] beta = new float[channels];
    float[] w = weight == null ? null : ((FloatTensor) weight).toArray();
    float[] b = bias == null ? null : ((FloatTensor) bias).toArray();
    for (int c = 0; c < channels; c++) {
      double a = (w == null ? 1 : w[c]) / Math.sqrt(var[c] + eps);
      alpha[c] = (float) a;
      beta[c] = (float) ((b == null ? 0 : b[c]) - mean[c] * a);
    }
    return new float[][] {alpha, beta};
  }

  private static void affineRelu(FloatTensor y, FloatTensor x, float[] alpha, float[] beta) {
    float[] ta = Rows.tile(alpha);
    float[] tb = Rows.tile(beta);
    Rows.map(
        y,
        alpha.length,
        (a, o, k) -> {
          float[] v = a[0];
          for (int i = 0; i < k; i++) {
            o[i] = Math.max(v[i] * ta[i] + tb[i], 0f);
          }
        },
        x);
  }

  /** y = x * alpha[c] + beta[c]. */
  static void affine(FloatTensor y, FloatTensor x, float[] alpha, float[] beta) {
    float[] ta = Rows.tile(alpha);
    float[] tb = Rows.tile(beta);
    Rows.map(
        y,
        alpha.length,
        (a, o, k) -> {
          float[] v = a[0];
          for (int i = 0; i < k; i++) {
            o[i] = v[i] * ta[i] + tb[i];
          }
        },
        x);
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    Tensor[] g =
        new BatchNormGradOp(eps, true, relu)
            .applyAll(grads[0], inputs[0], inputs[1], outputs[1], outputs[2], inputs[2]);
    return new Tensor[] {g[0], inputs[1] == null ? null : g[1], inputs[2] == null ? null : g[2]};
  }
}
