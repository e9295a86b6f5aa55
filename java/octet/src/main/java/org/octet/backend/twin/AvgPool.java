package org.octet.backend.twin;

import org.octet.backend.Attributes;

/** AVGPOOL: the divisor is PyTorch's. */
final class AvgPool implements Kernel {
  private final Average average;
  private final int kh;
  private final int kw;
  private final int sh;
  private final int sw;
  private final int padTop;
  private final int padLeft;
  private final int padBottom;
  private final int padRight;
  private final boolean includePad;
  private final int divisor;

  AvgPool(Attributes a) {
    kh = a.getInt(2);
    kw = a.getInt(3);
    sh = a.getInt(4);
    sw = a.getInt(5);
    padTop = a.getInt(6);
    padLeft = a.getInt(7);
    padBottom = a.getInt(8);
    padRight = a.getInt(9);
    includePad = a.getInt(10) != 0;
    divisor = a.getInt(11);
    average =
        new Average(
            a.getInt(0), a.getInt(1), a.getInt(12), a.getInt(13), a.getInt(14), a.getInt(15) != 0);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int h = dims[1];
    int w = dims[2];
    Average.Boxes rows = boxes(sh, kh, padTop, h);
    Average.Boxes columns = boxes(sw, kw, padLeft, w);
    average.run(
        dims,
        in[0],
        out,
        rows,
        columns,
        (oy, ox) -> {
          if (divisor != 0) {
            return divisor;
          }
          if (!includePad) {
            return (rows.to(oy) - rows.from(oy)) * (columns.to(ox) - columns.from(ox));
          }
          int y = oy * sh - padTop;
          int x = ox * sw - padLeft;
          return (Math.min(y + kh, h + padBottom) - y) * (Math.min(x + kw, w + padRight) - x);
        });
  }

  private static Average.Boxes boxes(int stride, int kernel, int pad, int size) {
    return new Average.Boxes() {
      @Override
      public int from(int o) {
        return Math.max(o * stride - pad, 0);
      }

      @Override
      public int to(int o) {
        return Math.min(o * stride - pad + kernel, size);
      }
    };
  }
}
