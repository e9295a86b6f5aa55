package org.octet.backend.twin;

import java.util.Arrays;
import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** CONV_Q8: 8-bit convolution; a linear layer is its 1x1 case. */
final class ConvQ8 implements Kernel {
  private final int inType;
  private final int cin;
  private final int cout;
  private final int groups;
  private final Window window;
  private final int inZero;
  private final int outZero;
  private final int qmin;
  private final int qmax;
  private final boolean depthwise;

  /**
   * [group][tap][c][Cout/groups] ([tap][C] when depthwise), zero points taken off: the innermost
   * loop runs over output channels.
   */
  private final int[] weight;

  private final float[] multiplier;
  private final int[] bias;

  ConvQ8(Attributes a, Memory[] constants) {
    inType = a.getInt(0);
    cin = a.getInt(2);
    cout = a.getInt(3);
    window = Window.of(a, 4);
    groups = a.getInt(14);
    inZero = a.getInt(15);
    outZero = a.getInt(16);
    qmin = a.getInt(17);
    qmax = a.getInt(18);
    int k = window.kh() * window.kw() * (cin / groups);
    int[] zero = constants[2] == null ? new int[cout] : constants[2].ints(cout);
    byte[] w = constants[0].bytes(cout * k);
    weight = new int[w.length];
    depthwise = groups == cin && groups == cout;
    int group = depthwise ? cout : cout / groups;
    for (int o = 0; o < cout; o++) {
      for (int i = 0; i < k; i++) {
        weight[((o / group) * k + i) * group + o % group] = w[o * k + i] - zero[o];
      }
    }
    multiplier = constants[1].floats(cout);
    bias = constants[3] == null ? new int[cout] : constants[3].ints(cout);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int n = dims[0];
    int h = dims[1];
    int w = dims[2];
    int oh = window.outH(h);
    int ow = window.outW(w);
    int[] x = Codes.centered(in[0].bytes(n * h * w * cin), inType, inZero);
    byte[] y = new byte[n * oh * ow * cout];
    int[] acc = new int[cout / groups];
    int at = 0;
    for (int b = 0; b < n; b++) {
      for (int oy = 0; oy < oh; oy++) {
        for (int ox = 0; ox < ow; ox++) {
          if (depthwise) {
            depthwise(x, b, h, w, oy, ox, y, at);
          } else {
            for (int g = 0; g < groups; g++) {
              accumulate(x, b, h, w, oy, ox, g, acc);
              requantize(acc, g * acc.length, y, at + g * acc.length);
            }
          }
          at += cout;
        }
      }
    }
    out.put(y);
  }

  private void accumulate(int[] x, int b, int h, int w, int oy, int ox, int g, int[] acc) {
    int cg = cin / groups;
    System.arraycopy(bias, g * acc.length, acc, 0, acc.length);
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

  /** {@code acc += x * weight[at...]}. */
  static void multiplyAdd(int x, int[] weight, int at, int[] acc) {
    for (int o = 0; o < acc.length; o++) {
      acc[o] += x * weight[at + o];
    }
  }

  /** One channel in, one out: the loop over channels is the innermost. */
  private void depthwise(int[] x, int b, int h, int w, int oy, int ox, byte[] y, int at) {
    int[] acc = Arrays.copyOf(bias, cout);
    for (int ky = 0; ky < window.kh(); ky++) {
      int iy = oy * window.sh() - window.padTop() + ky * window.dh();
      for (int kx = 0; kx < window.kw(); kx++) {
        int ix = ox * window.sw() - window.padLeft() + kx * window.dw();
        if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
          int from = ((b * h + iy) * w + ix) * cin;
          int tap = (ky * window.kw() + kx) * cout;
          for (int c = 0; c < acc.length; c++) {
            acc[c] += x[from + c] * weight[tap + c];
          }
        }
      }
    }
    requantize(acc, 0, y, at);
  }

  private void requantize(int[] acc, int channel, byte[] y, int at) {
    float lo = qmin - outZero;
    float hi = qmax - outZero;
    for (int o = 0; o < acc.length; o++) {
      y[at + o] = (byte) Fp.toCode((float) acc[o] * multiplier[channel + o], lo, hi, outZero);
    }
  }
}
