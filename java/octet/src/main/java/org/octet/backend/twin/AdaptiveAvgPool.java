package org.octet.backend.twin;

import org.octet.backend.Attributes;

/** ADAPTIVE_AVGPOOL: output o averages [floor(o * size / out), ceil((o + 1) * size / out)). */
final class AdaptiveAvgPool implements Kernel {
  private final Average average;

  AdaptiveAvgPool(Attributes a) {
    average =
        new Average(
            a.getInt(0), a.getInt(1), a.getInt(2), a.getInt(3), a.getInt(4), a.getInt(5) != 0);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    Average.Boxes rows = boxes(dims[1], dims[3]);
    Average.Boxes columns = boxes(dims[2], dims[4]);
    average.run(
        dims,
        in[0],
        out,
        rows,
        columns,
        (oy, ox) -> (rows.to(oy) - rows.from(oy)) * (columns.to(ox) - columns.from(ox)));
  }

  private static Average.Boxes boxes(int size, int out) {
    return new Average.Boxes() {
      @Override
      public int from(int o) {
        return (int) ((long) o * size / out);
      }

      @Override
      public int to(int o) {
        return (int) (((long) (o + 1) * size + out - 1) / out);
      }
    };
  }
}
