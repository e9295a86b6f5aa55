package org.octet.ops;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.octet.backend.Platform;

/**
 * Depthwise convolution and its gradients while training.
 *
 * <p>Each line of an image is laid out once for each tap of a kernel row: shifted, thinned out by
 * the stride, padded with zeros, as long as a line of the result. Then every loop runs over whole
 * arrays with one index, the form that the JIT vectorises; with an offset of its own for each array
 * it does not.
 */
final class DepthwiseTraining {
  private final ConvGeometry g;
  private final int images;
  private final int c;
  private final int h;
  private final int w;
  private final int oh;
  private final int ow;
  private final int line;
  private final int kw;

  DepthwiseTraining(ConvGeometry g, int images, int c, int h, int w, int oh, int ow) {
    this.g = g;
    this.images = images;
    this.c = c;
    this.h = h;
    this.w = w;
    this.oh = oh;
    this.ow = ow;
    this.line = ow * c;
    this.kw = g.kernelW();
  }

  /** Lines of the thread, [n][length]. */
  private static final class Lines {
    private static final ThreadLocal<float[][][]> ALL =
        ThreadLocal.withInitial(() -> new float[3][0][]);

    static float[][] get(int slot, int n, int length) {
      float[][][] all = ALL.get();
      if (all[slot].length < n || all[slot][0].length < length) {
        all[slot] = new float[Math.max(n, all[slot].length)][length];
      }
      return all[slot];
    }
  }

  /** {@code weight} is [taps][C]; the result holds the bias already if {@code bias}. */
  void forward(FloatBuffer from, FloatBuffer to, float[] weight, boolean bias) {
    float[][] tiled = tiled(weight);
    Parallel.forRange(
        images,
        grain(),
        (a, b) -> {
          float[][] x = Lines.get(0, h * kw, line);
          float[] y = Scratch.floats(0, line);
          for (int n = a; n < b; n++) {
            layOut(from, n * h * w * c, x);
            for (int oy = 0; oy < oh; oy++) {
              int at = (n * oh + oy) * line;
              if (bias) {
                Platform.get(to, at, y, 0, line);
              } else {
                Arrays.fill(y, 0, line, 0f);
              }
              for (int ky = 0; ky < g.kernelH(); ky++) {
                int iy = row(oy, ky);
                if (iy >= 0 && iy < h) {
                  sumTaps(y, x, iy * kw, tiled, ky * kw);
                }
              }
              Platform.put(to, at, y, 0, line);
            }
          }
        });
  }

  private void sumTaps(float[] y, float[][] x, int i, float[][] weight, int k) {
    if (kw == 3) {
      multiplyAdd(y, x[i], weight[k], x[i + 1], weight[k + 1], x[i + 2], weight[k + 2], line);
    } else {
      for (int kx = 0; kx < kw; kx++) {
        multiplyAdd(y, x[i + kx], weight[k + kx], line);
      }
    }
  }

  /** {@code from} holds the gradient of the result, {@code to} gets that of the input. */
  void inputGrad(FloatBuffer from, FloatBuffer to, float[] weight) {
    float[][] tiled = tiled(weight);
    Parallel.forRange(
        images,
        grain(),
        (a, b) -> {
          float[][] x = Lines.get(0, h * kw, line);
          float[] y = Scratch.floats(0, line);
          float[] out = Scratch.floats(1, w * c);
          for (int n = a; n < b; n++) {
            for (int i = 0; i < h * kw; i++) {
              Arrays.fill(x[i], 0, line, 0f);
            }
            for (int oy = 0; oy < oh; oy++) {
              Platform.get(from, (n * oh + oy) * line, y, 0, line);
              for (int ky = 0; ky < g.kernelH(); ky++) {
                int iy = row(oy, ky);
                for (int kx = 0; kx < kw && iy >= 0 && iy < h; kx++) {
                  multiplyAdd(x[iy * kw + kx], y, tiled[ky * kw + kx], line);
                }
              }
            }
            for (int iy = 0; iy < h; iy++) {
              collect(x, iy, out);
              Platform.put(to, (n * h + iy) * w * c, out, 0, w * c);
            }
          }
        });
  }

  /** Gradient of the weight, [taps][C], over some images. */
  float[] weightGrad(FloatBuffer gs, FloatBuffer from, int first, int end) {
    int taps = g.kernelH() * kw;
    float[][] x = Lines.get(0, h * kw, line);
    float[][] sums = Lines.get(1, taps, line);
    for (int t = 0; t < taps; t++) {
      Arrays.fill(sums[t], 0, line, 0f);
    }
    float[] y = Scratch.floats(0, line);
    for (int n = first; n < end; n++) {
      layOut(from, n * h * w * c, x);
      for (int oy = 0; oy < oh; oy++) {
        Platform.get(gs, (n * oh + oy) * line, y, 0, line);
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = row(oy, ky);
          for (int kx = 0; kx < kw && iy >= 0 && iy < h; kx++) {
            multiplyAdd(sums[ky * kw + kx], x[iy * kw + kx], y, line);
          }
        }
      }
    }
    float[] total = new float[taps * c];
    for (int t = 0; t < taps; t++) {
      for (int p = 0; p < line; p += c) {
        for (int i = 0; i < c; i++) {
          total[t * c + i] += sums[t][p + i];
        }
      }
    }
    return total;
  }

  private int row(int oy, int ky) {
    return oy * g.strideH() - g.padTop() + ky * g.dilationH();
  }

  private int grain() {
    return Gemm.grain(4L * oh * line * g.kernelH() * kw);
  }

  /** The weight of each tap, repeated over one line. */
  private float[][] tiled(float[] weight) {
    float[][] out = new float[g.kernelH() * kw][line];
    for (int t = 0; t < out.length; t++) {
      System.arraycopy(weight, t * c, out[t], 0, c);
      Rows.repeat(out[t], c);
    }
    return out;
  }

  /** First and last column of the result whose tap {@code kx} lies inside the input. */
  private int firstColumn(int kx) {
    return Math.max(0, ConvTraining.ceilDiv(g.padLeft() - kx * g.dilationW(), g.strideW()));
  }

  private int endColumn(int kx) {
    return Math.min(ow, ConvTraining.ceilDiv(w + g.padLeft() - kx * g.dilationW(), g.strideW()));
  }

  /** One image from {@code at} to [h][kw] lines. */
  private void layOut(FloatBuffer from, int at, float[][] x) {
    float[] whole = g.strideW() == 1 ? null : Scratch.floats(2, w * c);
    for (int iy = 0; iy < h; iy++) {
      if (whole != null) {
        Platform.get(from, at + iy * w * c, whole, 0, w * c);
      }
      for (int kx = 0; kx < kw; kx++) {
        float[] to = x[iy * kw + kx];
        int shift = kx * g.dilationW() - g.padLeft();
        int first = Math.min(firstColumn(kx), ow);
        int end = Math.max(first, endColumn(kx));
        Arrays.fill(to, 0, first * c, 0f);
        Arrays.fill(to, end * c, line, 0f);
        if (whole == null) {
          Platform.get(from, at + (iy * w + first + shift) * c, to, first * c, (end - first) * c);
        } else {
          for (int ox = first; ox < end; ox++) {
            System.arraycopy(whole, (ox * g.strideW() + shift) * c, to, ox * c, c);
          }
        }
      }
    }
  }

  /** The reverse of {@link #layOut} for one line: sums the lines of all taps. */
  private void collect(float[][] x, int iy, float[] out) {
    Arrays.fill(out, 0, w * c, 0f);
    for (int kx = 0; kx < kw; kx++) {
      float[] from = x[iy * kw + kx];
      int shift = kx * g.dilationW() - g.padLeft();
      for (int ox = firstColumn(kx); ox < endColumn(kx); ox++) {
        int to = (ox * g.strideW() + shift) * c;
        for (int i = 0; i < c; i++) {
          out[to + i] += from[ox * c + i];
        }
      }
    }
  }

  private static void multiplyAdd(float[] y, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      y[i] += a[i] * b[i];
    }
  }

  private static void multiplyAdd(
      float[] y, float[] a, float[] b, float[] c, float[] d, float[] e, float[] f, int n) {
    for (int i = 0; i < n; i++) {
      y[i] += a[i] * b[i] + c[i] * d[i] + e[i] * f[i];
    }
  }
}
