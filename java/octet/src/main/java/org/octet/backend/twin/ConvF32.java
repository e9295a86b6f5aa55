package org.octet.backend.twin;

import java.util.Arrays;
import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** CONV_F32: float convolution in the fixed order; a linear layer is its 1x1 case. */
final class ConvF32 implements Kernel {
  private final int cin;
  private final int cout;
  private final int groups;
  private final Window window;
  private final float lo;
  private final float hi;
  private final boolean depthwise;

  /**
   * [group][tap][c][Cout/groups] ([tap][C] when depthwise): the innermost loop runs over output
   * channels, which keeps each sum's order.
   */
  private final float[] weight;

  private final float[] bias;

  ConvF32(Attributes a, Memory[] constants) {
    cin = a.getInt(0);
    cout = a.getInt(1);
    window = Window.of(a, 2);
    groups = a.getInt(12);
    lo = a.getFloat(13);
    hi = a.getFloat(14);
    int k = window.kh() * window.kw() * (cin / groups);
    float[] w = constants[0].floats(cout * k);
    weight = new float[w.length];
    depthwise = groups == cin && groups == cout;
    int group = depthwise ? cout : cout / groups;
    for (int o = 0; o < cout; o++) {
      for (int i = 0; i < k; i++) {
        weight[((o / group) * k + i) * group + o % group] = w[o * k + i];
      }
    }
    bias = constants[1] == null ? null : constants[1].floats(cout);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int n = dims[0];
    int h = dims[1];
    int w = dims[2];
    int oh = window.outH(h);
    int ow = window.outW(w);
    float[] x = in[0].floats(n * h * w * cin);
    float[] y = new float[n * oh * ow * cout];
    float[] acc = new float[cout / groups];
    int at = 0;
    for (int b = 0; b < n; b++) {
      for (int oy = 0; oy < oh; oy++) {
        for (int ox = 0; ox < ow; ox++) {
          if (depthwise) {
            depthwise(x, b, h, w, oy, ox, y, at);
          } else {
            for (int g = 0; g < groups; g++) {
              accumulate(x, b, h, w, oy, ox, g, acc);
              System.arraycopy(acc, 0, y, at + g * acc.length, acc.length);
            }
          }
          finish(y, at);
          at += cout;
        }
      }
    }
    out.put(y);
  }

  private void accumulate(float[] x, int b, int h, int w, int oy, int ox, int g, float[] acc) {
    int cg = cin / groups;
    Arrays.fill(acc, 0f);
    for (int ky = 0; ky < window.kh(); ky++) {
      int iy = oy * window.sh() - window.padTop() + ky * window.dh();
      for (int kx = 0; kx < window.kw(); kx++) {
        int ix = ox * window.sw() - window.padLeft() + kx * window.dw();
        if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
          int from = ((b * h + iy) * w + ix) * cin + g * cg;
          int wAt = ((g * window.kh() + ky) * window.kw() + kx) * cg * acc.length;
          for (int c = 0; c < cg; c++) {
            multiplyAdd(x[from + c], weight, wAt + c * acc.length, acc);
          }
        }
      }
    }
  }

  private static void multiplyAdd(float x, float[] weight, int at, float[] acc) {
    for (int o = 0; o < acc.length; o++) {
      acc[o] = Fp.fma(x, weight[at + o], acc[o]);
    }
  }

  /** One channel in, one out: the loop over channels is the innermost. */
  private void depthwise(float[] x, int b, int h, int w, int oy, int ox, float[] y, int at) {
    for (int ky = 0; ky < window.kh(); ky++) {
      int iy = oy * window.sh() - window.padTop() + ky * window.dh();
      for (int kx = 0; kx < window.kw(); kx++) {
        int ix = ox * window.sw() - window.padLeft() + kx * window.dw();
        if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
          int from = ((b * h + iy) * w + ix) * cin;
          int tap = (ky * window.kw() + kx) * cout;
          for (int c = 0; c < cout; c++) {
            y[at + c] = Fp.fma(x[from + c], weight[tap + c], y[at + c]);
          }
        }
      }
    }
  }

  private void finish(float[] y, int at) {
    for (int o = 0; o < cout; o++) {
      float v = bias == null ? y[at + o] : y[at + o] + bias[o];
      y[at + o] = Fp.clamp(v, lo, hi);
    }
  }
}
