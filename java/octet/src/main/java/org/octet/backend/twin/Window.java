package org.octet.backend.twin;

import org.octet.backend.Attributes;

/** A sliding window; taps outside of the input are skipped. */
record Window(
    int kh,
    int kw,
    int sh,
    int sw,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    int dh,
    int dw) {
  /** Reads {KH KW SH SW pad_top pad_left pad_bottom pad_right DH DW} from slot {@code at}. */
  static Window of(Attributes a, int at) {
    return new Window(
        a.getInt(at),
        a.getInt(at + 1),
        a.getInt(at + 2),
        a.getInt(at + 3),
        a.getInt(at + 4),
        a.getInt(at + 5),
        a.getInt(at + 6),
        a.getInt(at + 7),
        a.getInt(at + 8),
        a.getInt(at + 9));
  }

  int outH(int h) {
    return out(h + padTop + padBottom - dh * (kh - 1) - 1, sh);
  }

  int outW(int w) {
    return out(w + padLeft + padRight - dw * (kw - 1) - 1, sw);
  }

  private static int out(int room, int stride) {
    return room < 0 ? 0 : room / stride + 1;
  }
}
