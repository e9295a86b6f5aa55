package org.octet.ops;

import java.util.Arrays;

/**
 * The windows of an average pool along one axis: [from, to) inside the input, and the size that
 * counts in the divisor.
 */
final class AvgWindows {
  final int size;
  final int[] from;
  final int[] to;
  final int[] counted;

  private AvgWindows(int size, int out) {
    this.size = size;
    from = new int[out];
    to = new int[out];
    counted = new int[out];
  }

  static AvgWindows sliding(
      int size, int out, int kernel, int stride, int before, int after, boolean includePad) {
    AvgWindows w = new AvgWindows(size, out);
    for (int o = 0; o < out; o++) {
      int start = o * stride - before;
      int end = Math.min(start + kernel, size + after);
      w.from[o] = Math.max(start, 0);
      w.to[o] = Math.min(end, size);
      w.counted[o] = includePad ? end - start : w.to[o] - w.from[o];
    }
    return w;
  }

  static AvgWindows adaptive(int size, int out) {
    AvgWindows w = new AvgWindows(size, out);
    for (int o = 0; o < out; o++) {
      w.from[o] = (int) ((long) o * size / out);
      w.to[o] = (int) (((long) (o + 1) * size + out - 1) / out);
      w.counted[o] = w.to[o] - w.from[o];
    }
    return w;
  }

  int count() {
    return from.length;
  }

  @Override
  public String toString() {
    return Arrays.toString(from) + Arrays.toString(to);
  }
}
