package org.octet.backend.twin;

import java.util.Arrays;
import org.octet.backend.Attributes;
import org.octet.backend.Fp;
import org.octet.tensor.ChooseQParams;

/**
 * LINEAR_DYNAMIC_Q8: the input's qparams are chosen at run time, for the whole input or for each
 * row.
 */
final class LinearDynamicQ8 implements Kernel {
  private final int k;
  private final int n;
  private final boolean reduceRange;
  private final boolean perRow;
  private final float lo;
  private final float hi;

  /** [K][N], zero points taken off. */
  private final int[] weight;

  private final float[] weightScale;
  private final float[] bias;

  LinearDynamicQ8(Attributes a, Memory[] constants) {
    k = a.getInt(0);
    n = a.getInt(1);
    reduceRange = a.getInt(2) != 0;
    perRow = a.getInt(3) != 0;
    lo = a.getFloat(4);
    hi = a.getFloat(5);
    byte[] w = constants[0].bytes(n * k);
    int[] zero = constants[2] == null ? new int[n] : constants[2].ints(n);
    weight = new int[w.length];
    for (int o = 0; o < n; o++) {
      for (int i = 0; i < k; i++) {
        weight[i * n + o] = w[o * k + i] - zero[o];
      }
    }
    weightScale = constants[1].floats(n);
    bias = constants[3] == null ? null : constants[3].floats(n);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int m = dims[0];
    float[] x = in[0].floats(m * k);
    float[] y = new float[m * n];
    int[] acc = new int[n];
    ChooseQParams q = perRow ? null : choose(x, 0, x.length);
    for (int row = 0; row < m; row++) {
      if (perRow) {
        q = choose(x, row * k, row * k + k);
      }
      float inverse = 1f / q.scale();
      float least = -q.zeroPoint();
      float most = (reduceRange ? 127 : 255) - q.zeroPoint();
      Arrays.fill(acc, 0);
      for (int i = 0; i < k; i++) {
        int centered = Fp.toCode(x[row * k + i] * inverse, least, most, 0);
        ConvQ8.multiplyAdd(centered, weight, i * n, acc);
      }
      for (int o = 0; o < n; o++) {
        float v = (float) acc[o] * (q.scale() * weightScale[o]);
        v = bias == null ? v : v + bias[o];
        y[row * n + o] = Fp.clamp(v, lo, hi);
      }
    }
    out.put(y);
  }

  private ChooseQParams choose(float[] x, int from, int to) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      min = x[i] < min ? x[i] : min; // never true for NaN
      max = x[i] > max ? x[i] : max;
    }
    return ChooseQParams.of(min, max, 0, 255, false, reduceRange);
  }
}
