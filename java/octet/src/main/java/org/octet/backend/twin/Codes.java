package org.octet.backend.twin;

import org.octet.backend.Attributes;

/** 8-bit codes as integers. */
final class Codes {
  private Codes() {}

  /** The code that a byte holds, by type. */
  static int code(byte b, int type) {
    return type == Attributes.U8 ? b & 0xff : b;
  }

  /** All codes minus their zero point. */
  static int[] centered(byte[] codes, int type, int zeroPoint) {
    int[] out = new int[codes.length];
    int mask = type == Attributes.U8 ? 0xff : -1;
    for (int i = 0; i < out.length; i++) {
      out[i] = (codes[i] & mask) - zeroPoint;
    }
    return out;
  }
}
