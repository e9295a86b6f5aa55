package org.octet.ops;

/** Conversions between float32 and the bits of IEEE half precision. */
final class Half {
  private Half() {}

  /** The nearest half, ties to even; infinite beyond the range. */
  static short ofFloat(float x) {
    int bits = Float.floatToRawIntBits(x);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude >= 0x47800000) { // 65536 and above, infinity, NaN
      return (short) (sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00));
    }
    if (magnitude < 0x38800000) { // below 2^-14: a multiple of 2^-24
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * (double) (1 << 24)));
    }
    int odd = magnitude >>> 13 & 1;
    // A carry out of the fraction goes into the exponent, as it should, up to infinity.
    return (short) (sign | (magnitude - 0x38000000 + 0xfff + odd) >>> 13);
  }

  /** Exact. */
  static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >>> 10 & 31;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      return (sign != 0 ? -1f : 1f) * fraction * 0x1p-24f;
    }
    int biased = exponent == 31 ? 255 : exponent + 112;
    return Float.intBitsToFloat(sign | biased << 23 | fraction << 13);
  }
}
