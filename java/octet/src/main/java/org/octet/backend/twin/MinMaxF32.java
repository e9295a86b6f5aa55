package org.octet.backend.twin;

/** MINMAX_F32: minimum, maximum and whether there was a NaN, for each channel. */
final class MinMaxF32 implements Kernel {
  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    float[] x = in[0].floats(dims[0] * dims[1] * dims[2]);
    out.put(minMax(x, dims[0], dims[1], dims[2]));
  }

  /** {min, max, 1 if any NaN} of each channel. */
  static float[] minMax(float[] x, int outer, int channels, int inner) {
    float[] y = new float[channels * 3];
    for (int c = 0; c < channels; c++) {
      y[3 * c] = Float.POSITIVE_INFINITY;
      y[3 * c + 1] = Float.NEGATIVE_INFINITY;
    }
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (int c = 0; c < channels; c++) {
        float min = y[3 * c];
        float max = y[3 * c + 1];
        boolean nan = y[3 * c + 2] != 0;
        for (int i = 0; i < inner; i++) {
          float v = x[at++] + 0f; // -0 becomes +0
          min = v < min ? v : min;
          max = v > max ? v : max;
          nan |= v != v;
        }
        y[3 * c] = min;
        y[3 * c + 1] = max;
        y[3 * c + 2] = nan ? 1f : 0f;
      }
    }
    return y;
  }
}
