package org.octet.backend.twin;

import org.octet.backend.Attributes;

/** HISTOGRAM_F32: equal bins between two bounds, as torch.histc counts. */
final class HistogramF32 implements Kernel {
  private final int bins;

  HistogramF32(Attributes a) {
    bins = a.getInt(0);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    float[] x = in[0].floats(dims[0]);
    float[] bounds = in[1].floats(2);
    float lo = bounds[0];
    float hi = bounds[1];
    int[] y = new int[bins];
    for (float v : x) {
      if (v >= lo && v <= hi) {
        int bin = (int) ((v - lo) / (hi - lo) * bins);
        y[bin >= bins ? bins - 1 : bin]++;
      }
    }
    out.put(y);
  }
}
