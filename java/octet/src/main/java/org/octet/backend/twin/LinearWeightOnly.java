package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** LINEAR_WEIGHT_ONLY: float rows times weights of 8 or 4 bits, a scale for each group along K. */
final class LinearWeightOnly implements Kernel {
  private final int k;
  private final int n;
  private final int group;
  private final float lo;
  private final float hi;
  private final float[] weight;
  private final float[] scale;
  private final float[] bias;

  LinearWeightOnly(Attributes a, Memory[] constants) {
    k = a.getInt(0);
    n = a.getInt(1);
    group = a.getInt(3);
    lo = a.getFloat(4);
    hi = a.getFloat(5);
    int unused = 32 - a.getInt(2);
    byte[] codes = constants[0].bytes(n * k);
    weight = new float[codes.length];
    for (int i = 0; i < codes.length; i++) {
      weight[i] = codes[i] << unused >> unused;
    }
    scale = constants[1].floats(n * (k / group));
    bias = constants[2] == null ? null : constants[2].floats(n);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int m = dims[0];
    float[] x = in[0].floats(m * k);
    float[] y = new float[m * n];
    for (int row = 0; row < m; row++) {
      for (int o = 0; o < n; o++) {
        float sum = 0;
        for (int from = 0; from < k; from += group) {
          float part = 0;
          for (int i = from; i < from + group; i++) {
            part = Fp.fma(x[row * k + i], weight[o * k + i], part);
          }
          sum = Fp.fma(part, scale[(o * k + from) / group], sum);
        }
        sum = bias == null ? sum : sum + bias[o];
        y[row * n + o] = Fp.clamp(sum, lo, hi);
      }
    }
    out.put(y);
  }
}
