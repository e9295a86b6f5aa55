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
      float position = (v - lo) / (hi - lo) * bins;
      // NaN, where the range is empty or its width overflows, belongs to no bin.
      if (v >= lo && v <= hi && position >= 0 && position <= bins) {
        int bin = (int) position;
        y[bin == bins ? bins - 1 : bin]++;
      }
    }
    out.put(y);
  }
}
