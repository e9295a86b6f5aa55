package org.octet.ops;

import java.nio.IntBuffer;
import java.util.Map;
import org.octet.backend.Fp;
import org.octet.backend.Platform;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * Gradient of {@link UnaryOp} (training). Inputs: gradient of y, and x; for relu and relu6 y does
 * as well. At the bounds the gradient of relu and relu6 is 0 and that of clamp passes, as in
 * PyTorch.
 */
public final class UnaryGradOp extends Op {
  private final UnaryOp of;

  /** Gradient of {@code of}. */
  public UnaryGradOp(UnaryOp of) {
    this.of = of;
  }

  /** The gradient before a fused activation, given the one after it and the op's output. */
  static Tensor throughActivation(Activation activation, Tensor grad, Tensor y) {
    return switch (activation) {
      case NONE -> grad;
      case RELU -> new UnaryGradOp(UnaryOp.RELU).apply(grad, y);
      case RELU6 -> new UnaryGradOp(UnaryOp.RELU6).apply(grad, y);
    };
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
    return new Tensor[] {FloatTensor.ofSpec(in[1].shape(), in[1].format())};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    FloatTensor x = Rows.dense(in[1], in[1].format());
    FloatTensor g = Rows.dense(in[0], x.format());
    FloatTensor dx = FloatTensor.empty(x.shape(), x.format());
    switch (of.function()) {
      case RELU, RELU6 -> mask(dx, g, x, of.hi());
      default -> Rows.map(dx, 1, (a, out, n) -> products(a[0], a[1], out, n), g, x);
    }
    return new Tensor[] {dx};
  }

  /**
   * g where 0 < x < hi, else 0, on the bits: a branch on such data would be mispredicted half of
   * the time.
   */
  private static void mask(FloatTensor dx, FloatTensor g, FloatTensor x, float hi) {
    int count = (int) x.numel();
    // Without an upper bound infinity passes too.
    int bound = hi == Float.POSITIVE_INFINITY ? Integer.MAX_VALUE : Float.floatToRawIntBits(hi);
    IntBuffer from = ints(x);
    IntBuffer grad = ints(g);
    IntBuffer to = ints(dx);
    int block = 4096;
    Parallel.forRange(
        (count + block - 1) / block,
        8,
        (a, b) -> {
          int[] v = Scratch.ints(0, block);
          int[] w = Scratch.ints(1, block);
          for (int k = a; k < b; k++) {
            int n = Math.min(block, count - k * block);
            Platform.get(from, k * block, v, 0, n);
            Platform.get(grad, k * block, w, 0, n);
            for (int i = 0; i < n; i++) {
              // Positive floats order as their bits do; the sign of -v & ~v & (v - bound) is set
              // where 0 < v < bound.
              int bits = v[i];
              w[i] &= (-bits & ~bits & (bits - bound)) >> 31;
            }
            Platform.put(to, k * block, w, 0, n);
          }
        });
  }

  /** The bits of a dense tensor, in memory order; as FloatTensor.borrow. */
  static IntBuffer ints(FloatTensor t) {
    return t.storage().view(t.byteOffset(), 4 * t.numel()).asIntBuffer();
  }

  private void products(float[] g, float[] x, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = g[i] * slope(x[i]);
    }
  }

  private float slope(float x) {
    switch (of.function()) {
      case HARDSWISH:
        return x <= -3f ? 0f : x >= 3f ? 1f : (2f * x + 3f) / 6f;
      case HARDSIGMOID:
        return x > -3f && x < 3f ? 1f / 6f : 0f;
      case SIGMOID:
        float s = Fp.sigmoid(x);
        return s * (1f - s);
      case TANH:
        float t = Fp.tanh(x);
        return 1f - t * t;
      case GELU:
        return Fp.normalCdf(x) + x * 0.3989422804f * Fp.exp(-0.5f * x * x);
      case GELU_TANH:
        float u = x * (1.59576912f + 0.0713548163f * x * x);
        float share = Fp.sigmoid(u);
        return share + x * share * (1f - share) * (1.59576912f + 3f * 0.0713548163f * x * x);
      case ELU:
        return x > 0 ? 1f : of.alpha() * Fp.exp(x);
      case CELU:
        return x > 0 ? 1f : Fp.exp(x / of.alpha());
      case LEAKY_RELU:
        return x > 0 ? 1f : of.alpha();
      case THRESHOLD:
        return x > of.alpha() ? 1f : 0f;
      default:
        return x >= of.lo() && x <= of.hi() ? 1f : 0f;
    }
  }
}
