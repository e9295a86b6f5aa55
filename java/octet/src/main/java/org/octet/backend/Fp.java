package org.octet.backend;

/**
 * The float functions of the numeric contract, in their one Java home: every step is one rounded
 * operation in the order written, fma only where written. Native kernels give the same bits;
 * neither {@code Math.exp} nor libm stands in any operator. Errors against the exact functions are
 * a few units in the last place.
 */
public final class Fp {
  /**
   * Whether Math.fma is there and runs on the hardware. Where it does not (Android below 13, x86
   * without FMA, where the JVM goes through BigDecimal) {@link #fmaByHand} is faster; the bits are
   * the same, so a measured choice is harmless.
   */
  static final boolean FAST_FMA = fastFma();

  /**
   * {@code (t + MAGIC) - MAGIC} rounds half to even for |t| up to 2^22: its unit in the last place
   * is 1.
   */
  private static final float MAGIC = 12582912f;

  private Fp() {}

  /** {@code a * b + c}, rounded once. */
  public static float fma(float a, float b, float c) {
    return FAST_FMA ? Math.fma(a, b, c) : fmaByHand(a, b, c);
  }

  /** {@link #fma} without hardware. */
  static float fmaByHand(float a, float b, float c) {
    // The product of two floats is exact in double. The sum is rounded to odd (Boldo and
    // Melquiond), which makes the
    // second rounding, to float, harmless.
    double product = (double) a * b;
    double sum = product + c;
    if (sum - sum != 0) {
      return (float) sum; // infinity or NaN
    }
    double part = sum - product;
    double error = (product - (sum - part)) + (c - part);
    long bits = Double.doubleToRawLongBits(sum);
    if (error == 0 || (bits & 1) != 0) {
      return (float) sum;
    }
    return (float) Double.longBitsToDouble((error > 0) == (sum > 0) ? bits + 1 : bits - 1);
  }

  /** {@code x < lo ? lo : x}, then {@code x > hi ? hi : x}; NaN passes. */
  public static float clamp(float x, float lo, float hi) {
    float y = x < lo ? lo : x;
    return y > hi ? hi : y;
  }

  /**
   * Rounds half to even; |t| must be at most 2^22 (a value that was clamped to an 8- or 16-bit
   * range).
   */
  public static float rint(float t) {
    return (t + MAGIC) - MAGIC;
  }

  /**
   * From a value in units of the scale to an 8-bit code: NaN becomes {@code lo}, clamp, round half
   * to even, add the zero point.
   *
   * @param lo {@code qmin - zeroPoint}
   * @param hi {@code qmax - zeroPoint}
   */
  public static int toCode(float t, float lo, float hi, int zeroPoint) {
    float c = t > lo ? t : lo;
    c = c < hi ? c : hi;
    return (int) rint(c) + zeroPoint;
  }

  /** e^x; saturates at about 1.18e-38 and 2.4e38, NaN gives NaN. */
  public static float exp(float x) {
    float c = clamp(x, -87.33654f, 88.37626f);
    float n = rint(c * 1.44269504f);
    float r = fma(n, -0.693145752f, c);
    r = fma(n, -1.42860677e-6f, r);
    float p = 1.98756915e-4f;
    p = fma(p, r, 1.39819995e-3f);
    p = fma(p, r, 8.33345190e-3f);
    p = fma(p, r, 4.16657962e-2f);
    p = fma(p, r, 1.66666657e-1f);
    p = fma(p, r, 5.00000000e-1f);
    p = fma(p, r * r, r);
    p = p + 1f;
    return p * Float.intBitsToFloat(((int) n + 127) << 23);
  }

  /** {@code 1 / (1 + exp(-x))}. */
  public static float sigmoid(float x) {
    return 1f / (1f + exp(-x));
  }

  /** Hyperbolic tangent. */
  public static float tanh(float x) {
    float a = Math.abs(x);
    if (a < 0.625f) {
      float z = x * x;
      float p = -5.70498872745e-3f;
      p = fma(p, z, 2.06390887954e-2f);
      p = fma(p, z, -5.37397155531e-2f);
      p = fma(p, z, 1.33314422036e-1f);
      p = fma(p, z, -3.33332819422e-1f);
      return fma(p * z, x, x);
    }
    float e = exp(a + a);
    float y = 1f - 2f / (e + 1f);
    return Math.copySign(y, x);
  }

  /** {@code x * clamp(x + 3, 0, 6) / 6}: the product first, then the division. */
  public static float hardswish(float x) {
    return x * clamp(x + 3f, 0f, 6f) / 6f;
  }

  /** {@code clamp(x + 3, 0, 6) / 6}. */
  public static float hardsigmoid(float x) {
    return clamp(x + 3f, 0f, 6f) / 6f;
  }

  private static boolean fastFma() {
    try {
      long best = Long.MAX_VALUE;
      float sum = 0;
      for (int round = 0; round < 5; round++) {
        long start = System.nanoTime();
        for (int i = 0; i < 64; i++) {
          sum = Math.fma(sum, 0.5f, i + 0.1f);
        }
        best = Math.min(best, System.nanoTime() - start);
      }
      // Interpreted, the intrinsic takes about 0.05 us a call and BigDecimal more than 1 us.
      return best < 64 * 500 && sum > 0;
    } catch (NoSuchMethodError e) {
      return false;
    }
  }
}
