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
    window = Window.of(a, 2, 15);
    groups = a.getInt(12);
    lo = a.getFloat(13);
    hi = a.getFloat(14);
    int k = window.taps() * (cin / groups);
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
    Window.Walk walk = window.walk(dims);
    float[] x = in[0].floats(walk.inputs() * cin);
    float[] y = new float[walk.outputs() * cout];
    float[] acc = new float[cout / groups];
    int pixels = walk.outputs();
    for (int p = 0, at = 0; p < pixels; p++, at += cout) {
      walk.to(p);
      if (depthwise) {
        depthwise(x, walk, y, at);
      } else {
        for (int g = 0; g < groups; g++) {
          accumulate(x, walk, g, acc);
          System.arraycopy(acc, 0, y, at + g * acc.length, acc.length);
        }
      }
      finish(y, at);
    }
    out.put(y);
  }

  private void accumulate(float[] x, Window.Walk walk, int g, float[] acc) {
    int cg = cin / groups;
    Arrays.fill(acc, 0f);
    for (int i = 0; i < walk.count; i++) {
      int from = walk.pixel[i] * cin + g * cg;
      int at = (g * window.taps() + walk.tap[i]) * cg * acc.length;
      for (int c = 0; c < cg; c++) {
        multiplyAdd(x[from + c], weight, at + c * acc.length, acc);
      }
    }
  }

  private static void multiplyAdd(float x, float[] weight, int at, float[] acc) {
    for (int o = 0; o < acc.length; o++) {
      acc[o] = Fp.fma(x, weight[at + o], acc[o]);
    }
  }

  /** One channel in, one out: the loop over channels is the innermost. */
  private void depthwise(float[] x, Window.Walk walk, float[] y, int at) {
    for (int i = 0; i < walk.count; i++) {
      int from = walk.pixel[i] * cin;
      int tap = walk.tap[i] * cout;
      for (int c = 0; c < cout; c++) {
        y[at + c] = Fp.fma(x[from + c], weight[tap + c], y[at + c]);
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
