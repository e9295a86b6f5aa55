package org.octet.autograd;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.octet.ops.ConvGeometry;

/**
 * Layers in double, index by index in NCHW, from their definitions: what the tape's results are
 * compared with.
 */
final class PlainNet {
  private PlainNet() {}

  static double[] map(double[] x, DoubleUnaryOperator f) {
    return Arrays.stream(x).map(f).toArray();
  }

  /** {@code size} is {D, H, W}. */
  static double[] conv(
      double[] x, double[] w, double[] b, int n, int c, int[] size, int o, ConvGeometry g) {
    int[] out = {g.outD(size[0]), g.outH(size[1]), g.outW(size[2])};
    int cg = c / g.groups();
    double[] y = new double[n * o * out[0] * out[1] * out[2]];
    for (int at = 0; at < y.length; at++) {
      int ox = at % out[2];
      int oy = at / out[2] % out[1];
      int oz = at / out[2] / out[1] % out[0];
      int oc = at / out[2] / out[1] / out[0] % o;
      int image = at / out[2] / out[1] / out[0] / o;
      double sum = b == null ? 0 : b[oc];
      for (int k = 0; k < cg * g.taps(); k++) {
        int kx = k % g.kernelW();
        int ky = k / g.kernelW() % g.kernelH();
        int kz = k / g.kernelW() / g.kernelH() % g.kernelD();
        int channel = oc / (o / g.groups()) * cg + k / g.taps();
        int iz = oz * g.strideD() - g.padFront() + kz * g.dilationD();
        int iy = oy * g.strideH() - g.padTop() + ky * g.dilationH();
        int ix = ox * g.strideW() - g.padLeft() + kx * g.dilationW();
        if (iz >= 0 && iz < size[0] && iy >= 0 && iy < size[1] && ix >= 0 && ix < size[2]) {
          int from = ((image * c + channel) * size[0] + iz) * size[1] + iy;
          sum += x[from * size[2] + ix] * w[oc * cg * g.taps() + k];
        }
      }
      y[at] = sum;
    }
    return y;
  }

  static double[] linear(double[] x, double[] w, double[] b, int in, int out) {
    double[] y = new double[x.length / in * out];
    for (int r = 0; r < x.length / in; r++) {
      for (int o = 0; o < out; o++) {
        double sum = b == null ? 0 : b[o];
        for (int i = 0; i < in; i++) {
          sum += x[r * in + i] * w[o * in + i];
        }
        y[r * out + o] = sum;
      }
    }
    return y;
  }

  /** Normalises [n, c, s]; statistics of the batch where {@code mean} is null. */
  static double[] batchNorm(
      double[] x,
      double[] w,
      double[] b,
      double[] mean,
      double[] var,
      int n,
      int c,
      int s,
      double eps) {
    double[] y = new double[x.length];
    for (int ch = 0; ch < c; ch++) {
      double m = 0;
      double v = 0;
      if (mean != null) {
        m = mean[ch];
        v = var[ch];
      } else {
        for (int i = 0; i < n; i++) {
          for (int p = 0; p < s; p++) {
            m += x[(i * c + ch) * s + p] / (n * s);
          }
        }
        for (int i = 0; i < n; i++) {
          for (int p = 0; p < s; p++) {
            double d = x[(i * c + ch) * s + p] - m;
            v += d * d / (n * s);
          }
        }
      }
      for (int i = 0; i < n; i++) {
        for (int p = 0; p < s; p++) {
          int at = (i * c + ch) * s + p;
          y[at] =
              (x[at] - m) / Math.sqrt(v + eps) * (w == null ? 1 : w[ch]) + (b == null ? 0 : b[ch]);
        }
      }
    }
    return y;
  }

  /** What a pool makes of one window. */
  interface Window {
    double of(double[] values, int count, int padded);
  }

  /**
   * Pools planes of [planes, h, w]; {@code padded} counts the window's places inside the padded
   * input.
   */
  static double[] pool(
      double[] x, int planes, int h, int w, int oh, int ow, ConvGeometry g, Window f) {
    double[] y = new double[planes * oh * ow];
    double[] values = new double[g.kernelH() * g.kernelW()];
    for (int p = 0; p < planes; p++) {
      for (int oy = 0; oy < oh; oy++) {
        for (int ox = 0; ox < ow; ox++) {
          int count = 0;
          int padded = 0;
          for (int ky = 0; ky < g.kernelH(); ky++) {
            for (int kx = 0; kx < g.kernelW(); kx++) {
              int iy = oy * g.strideH() - g.padTop() + ky * g.dilationH();
              int ix = ox * g.strideW() - g.padLeft() + kx * g.dilationW();
              if (iy < h + g.padBottom() && ix < w + g.padRight()) {
                padded++;
              }
              if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
                values[count++] = x[(p * h + iy) * w + ix];
              }
            }
          }
          y[(p * oh + oy) * ow + ox] = f.of(values, count, padded);
        }
      }
    }
    return y;
  }

  static double[] adaptivePool(double[] x, int planes, int h, int w, int oh, int ow) {
    double[] y = new double[planes * oh * ow];
    for (int p = 0; p < planes; p++) {
      for (int oy = 0; oy < oh; oy++) {
        for (int ox = 0; ox < ow; ox++) {
          double sum = 0;
          int n = 0;
          for (int iy = oy * h / oh; iy < Math.ceil((oy + 1.0) * h / oh); iy++) {
            for (int ix = ox * w / ow; ix < Math.ceil((ox + 1.0) * w / ow); ix++) {
              sum += x[(p * h + iy) * w + ix];
              n++;
            }
          }
          y[(p * oh + oy) * ow + ox] = sum / n;
        }
      }
    }
    return y;
  }

  static double[] logSoftmax(double[] x, int classes) {
    double[] y = new double[x.length];
    for (int r = 0; r < x.length; r += classes) {
      double sum = 0;
      for (int i = 0; i < classes; i++) {
        sum += Math.exp(x[r + i]);
      }
      for (int i = 0; i < classes; i++) {
        y[r + i] = x[r + i] - Math.log(sum);
      }
    }
    return y;
  }
}
