package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.tensor.ChooseQParams;

/**
 * FAKE_QUANTIZE: minimum and maximum of the values into a state {min, max, scale, zero point} for
 * each channel, and the values rounded with its parameters. The result is followed by the new
 * state.
 */
final class FakeQuantizeF32 implements Kernel {
  private static final int AVERAGE = 1;
  private static final int OBSERVER_RULE = 1;
  private static final int DYNAMIC_RULE = 2;

  private final int quantMin;
  private final int quantMax;
  private final int observe;
  private final float averaging;
  private final int rule;
  private final boolean symmetric;
  private final float symmetricZeroPoint;
  private final float eps;

  FakeQuantizeF32(Attributes a) {
    quantMin = a.getInt(0);
    quantMax = a.getInt(1);
    observe = a.getInt(2);
    averaging = a.getFloat(3);
    rule = a.getInt(4);
    symmetric = a.getInt(5) != 0;
    symmetricZeroPoint = a.getInt(6);
    eps = a.getFloat(7);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int channels = dims[1];
    int inner = dims[2];
    int count = dims[0] * channels * inner;
    float[] x = in[0].floats(count);
    float[] state = in[1].floats(4 * channels);
    float[] y = new float[count + 4 * channels];
    if (observe != 0) {
      float[] seen = MinMaxF32.minMax(x, dims[0], channels, inner);
      for (int c = 0; c < channels; c++) {
        take(seen[3 * c], seen[3 * c + 1], seen[3 * c + 2] != 0, state, 4 * c);
      }
    }
    for (int c = 0; c < channels; c++) {
      choose(state, 4 * c);
    }
    System.arraycopy(state, 0, y, count, state.length);
    for (int run = 0; run < dims[0] * channels; run++) {
      int s = run % channels * 4;
      float scale = state[s + 2];
      float inverse = 1f / scale;
      float z = zeroPoint(state[s + 3], quantMin, quantMax);
      float lo = quantMin - z;
      float hi = quantMax - z;
      for (int i = run * inner; i < run * inner + inner; i++) {
        float t = x[i] * inverse;
        t = t > lo ? t : lo;
        t = t < hi ? t : hi;
        y[i] = (int) Math.rint(t) * scale;
      }
    }
    out.put(y);
  }

  private void take(float lo, float hi, boolean nan, float[] state, int at) {
    if (nan) {
      state[at] = Float.NaN;
      state[at + 1] = Float.NaN;
    } else if (!(lo <= hi)) {
      return;
    } else if (state[at] == Float.POSITIVE_INFINITY && state[at + 1] == Float.NEGATIVE_INFINITY) {
      state[at] = lo;
      state[at + 1] = hi;
    } else if (observe == AVERAGE) {
      state[at] = state[at] + averaging * (lo - state[at]);
      state[at + 1] = state[at + 1] + averaging * (hi - state[at + 1]);
    } else {
      state[at] = lo < state[at] ? lo : state[at];
      state[at + 1] = hi > state[at + 1] ? hi : state[at + 1];
    }
  }

  private void choose(float[] state, int at) {
    float min = state[at];
    float max = state[at + 1];
    if (rule == DYNAMIC_RULE) {
      ChooseQParams q = ChooseQParams.of(min, max, quantMin, quantMax, symmetric, false);
      state[at + 2] = q.scale();
      state[at + 3] = q.zeroPoint();
    } else if (rule == OBSERVER_RULE) {
      boolean ordered = min <= max;
      float lo = ordered && min < 0 ? min : 0f;
      float hi = ordered && max > 0 ? max : 0f;
      float span = quantMax - quantMin;
      float reach = symmetric ? (-lo > hi ? -lo : hi) / (span / 2) : (hi - lo) / span;
      float scale = reach > eps ? reach : eps;
      float steps = lo / scale; // down from zero; NaN only where the range is infinite
      state[at + 2] = scale;
      state[at + 3] =
          symmetric
              ? symmetricZeroPoint
              : quantMin - (int) Math.rint(steps > -span ? steps : -span);
    }
  }

  /** A zero point made one of the codes. */
  static float zeroPoint(float z, int quantMin, int quantMax) {
    float inside = z > quantMin ? z : quantMin;
    inside = inside < quantMax ? inside : quantMax;
    return (int) Math.rint(inside);
  }
}
