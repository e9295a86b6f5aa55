package org.octet.ops;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.octet.backend.Platform;
import org.octet.tensor.FloatTensor;

/**
 * Loops of the pools while training: image by image, channels innermost. Tensors are dense,
 * channels last.
 */
final class PoolLoops {
  private PoolLoops() {}

  private interface Image {
    void run(int n);
  }

  private static void images(int n, int work, Image body) {
    Parallel.forRange(
        n,
        Math.max(1, (1 << 15) / Math.max(1, work)),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            body.run(i);
          }
        });
  }

  static void average(FloatTensor x, FloatTensor y, AvgWindows h, AvgWindows w, int divisor) {
    int c = x.size(1);
    int in = h.size * w.size * c;
    int out = h.count() * w.count() * c;
    FloatBuffer from = x.borrow();
    FloatBuffer to = y.borrow();
    images(
        x.size(0),
        in,
        n -> {
          float[] a = Scratch.floats(0, in);
          float[] b = Scratch.floats(1, out);
          Platform.get(from, n * in, a, 0, in);
          Arrays.fill(b, 0, out, 0f);
          for (int oy = 0, o = 0; oy < h.count(); oy++) {
            for (int ox = 0; ox < w.count(); ox++, o += c) {
              for (int iy = h.from[oy]; iy < h.to[oy]; iy++) {
                for (int ix = w.from[ox]; ix < w.to[ox]; ix++) {
                  add(b, o, a, (iy * w.size + ix) * c, c);
                }
              }
              scale(b, o, c, divisor(h, w, oy, ox, divisor));
            }
          }
          Platform.put(to, n * out, b, 0, out);
        });
  }

  static void averageGrad(FloatTensor g, FloatTensor dx, AvgWindows h, AvgWindows w, int divisor) {
    int c = dx.size(1);
    int in = h.size * w.size * c;
    int out = h.count() * w.count() * c;
    FloatBuffer from = g.borrow();
    FloatBuffer to = dx.borrow();
    images(
        dx.size(0),
        in,
        n -> {
          float[] a = Scratch.floats(0, in);
          float[] b = Scratch.floats(1, out);
          Platform.get(from, n * out, b, 0, out);
          Arrays.fill(a, 0, in, 0f);
          for (int oy = 0, o = 0; oy < h.count(); oy++) {
            for (int ox = 0; ox < w.count(); ox++, o += c) {
              scale(b, o, c, divisor(h, w, oy, ox, divisor));
              for (int iy = h.from[oy]; iy < h.to[oy]; iy++) {
                for (int ix = w.from[ox]; ix < w.to[ox]; ix++) {
                  add(a, (iy * w.size + ix) * c, b, o, c);
                }
              }
            }
          }
          Platform.put(to, n * in, a, 0, in);
        });
  }

  private static float divisor(AvgWindows h, AvgWindows w, int oy, int ox, int override) {
    return override != 0 ? override : h.counted[oy] * w.counted[ox];
  }

  private static void add(float[] to, int o, float[] from, int i, int n) {
    for (int c = 0; c < n; c++) {
      to[o + c] += from[i + c];
    }
  }

  private static void scale(float[] x, int at, int n, float divisor) {
    for (int c = 0; c < n; c++) {
      x[at + c] /= divisor;
    }
  }

  static void max(FloatTensor x, FloatTensor y, ConvGeometry g) {
    int c = x.size(1);
    int ih = PoolShapes.height(x);
    int iw = PoolShapes.width(x);
    int oh = PoolShapes.height(y);
    int ow = PoolShapes.width(y);
    int in = ih * iw * c;
    int out = oh * ow * c;
    FloatBuffer from = x.borrow();
    FloatBuffer to = y.borrow();
    images(
        x.size(0),
        in,
        n -> {
          float[] a = Scratch.floats(0, in);
          float[] b = Scratch.floats(1, out);
          Platform.get(from, n * in, a, 0, in);
          Arrays.fill(b, 0, out, Float.NEGATIVE_INFINITY);
          taps(g, ih, iw, oh, ow, (o, i) -> larger(b, o * c, a, i * c, c));
          Platform.put(to, n * out, b, 0, out);
        });
  }

  private static void larger(float[] to, int o, float[] from, int i, int n) {
    for (int c = 0; c < n; c++) {
      to[o + c] = Math.max(to[o + c], from[i + c]);
    }
  }

  /** The gradient goes to the first largest element of each window. */
  static void maxGrad(
      FloatTensor grad, FloatTensor x, FloatTensor y, FloatTensor dx, ConvGeometry g) {
    int c = x.size(1);
    int ih = PoolShapes.height(x);
    int iw = PoolShapes.width(x);
    int oh = PoolShapes.height(y);
    int ow = PoolShapes.width(y);
    int in = ih * iw * c;
    int out = oh * ow * c;
    FloatBuffer gs = grad.borrow();
    FloatBuffer xs = x.borrow();
    FloatBuffer ys = y.borrow();
    FloatBuffer to = dx.borrow();
    images(
        x.size(0),
        in,
        n -> {
          float[] a = Scratch.floats(0, in);
          float[] b = Scratch.floats(1, out);
          float[] d = Scratch.floats(2, in);
          float[] r = Scratch.floats(3, out);
          Platform.get(xs, n * in, a, 0, in);
          Platform.get(ys, n * out, b, 0, out);
          Platform.get(gs, n * out, r, 0, out);
          Arrays.fill(d, 0, in, 0f);
          taps(g, ih, iw, oh, ow, (o, i) -> give(d, a, i * c, r, b, o * c, c));
          Platform.put(to, n * in, d, 0, in);
        });
  }

  private static void give(float[] d, float[] x, int i, float[] rest, float[] y, int o, int n) {
    for (int c = 0; c < n; c++) {
      if (x[i + c] == y[o + c]) {
        d[i + c] += rest[o + c];
        rest[o + c] = 0f;
      }
    }
  }

  private interface Tap {
    void at(int output, int input);
  }

  private static void taps(ConvGeometry g, int ih, int iw, int oh, int ow, Tap tap) {
    for (int oy = 0; oy < oh; oy++) {
      for (int ox = 0; ox < ow; ox++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = oy * g.strideH() - g.padTop() + ky * g.dilationH();
          if (iy < 0 || iy >= ih) {
            continue;
          }
          for (int kx = 0; kx < g.kernelW(); kx++) {
            int ix = ox * g.strideW() - g.padLeft() + kx * g.dilationW();
            if (ix >= 0 && ix < iw) {
              tap.at(oy * ow + ox, iy * iw + ix);
            }
          }
        }
      }
    }
  }
}
