package org.octet.backend.twin;

import java.util.Arrays;
import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/**
 * CONV_Q8: 8-bit convolution; a linear layer is its 1x1 case. With a residual what ADD_Q8 makes of
 * the result and that.
 */
final class ConvQ8 implements Kernel {
  private static final int RESIDUAL = 27;

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

  /** Null without a residual. */
  private final AddQ8 sum;

  private final boolean productFirst;

  ConvQ8(Attributes a, Memory[] constants) {
    inType = a.getInt(0);
    cin = a.getInt(2);
    cout = a.getInt(3);
    window = Window.of(a, 4, 19);
    groups = a.getInt(14);
    inZero = a.getInt(15);
    outZero = a.getInt(16);
    qmin = a.getInt(17);
    qmax = a.getInt(18);
    int k = window.taps() * (cin / groups);
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
    sum = a.size() > RESIDUAL ? AddQ8.ofResidual(a, RESIDUAL) : null;
    productFirst = sum != null && a.get(RESIDUAL) == 0;
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    Window.Walk walk = window.walk(dims);
    int[] x = Codes.centered(in[0].bytes(walk.inputs() * cin), inType, inZero);
    byte[] y = new byte[walk.outputs() * cout];
    int[] acc = new int[cout / groups];
    int pixels = walk.outputs();
    for (int p = 0, at = 0; p < pixels; p++, at += cout) {
      walk.to(p);
      if (depthwise) {
        depthwise(x, walk, y, at);
      } else {
        for (int g = 0; g < groups; g++) {
          accumulate(x, walk, g, acc);
          requantize(acc, g * acc.length, y, at + g * acc.length);
        }
      }
    }
    if (sum != null) {
      byte[] residual = in[1].bytes(y.length);
      y = productFirst ? sum.sum(y, residual) : sum.sum(residual, y);
    }
    out.put(y);
  }

  private void accumulate(int[] x, Window.Walk walk, int g, int[] acc) {
    int cg = cin / groups;
    System.arraycopy(bias, g * acc.length, acc, 0, acc.length);
    for (int i = 0; i < walk.count; i++) {
      int from = walk.pixel[i] * cin + g * cg;
      int at = (g * window.taps() + walk.tap[i]) * cg * acc.length;
      for (int c = 0; c < cg; c++) {
        multiplyAdd(x[from + c], weight, at + c * acc.length, acc);
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
  private void depthwise(int[] x, Window.Walk walk, byte[] y, int at) {
    int[] acc = Arrays.copyOf(bias, cout);
    for (int i = 0; i < walk.count; i++) {
      int from = walk.pixel[i] * cin;
      int tap = walk.tap[i] * cout;
      for (int c = 0; c < acc.length; c++) {
        acc[c] += x[from + c] * weight[tap + c];
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
