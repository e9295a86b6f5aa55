package org.octet.backend;

/**
 * The float functions of the numeric contract, in their one Java home: every step is one rounded
 * operation in the order written, fma only where written. Native kernels give the same bits;
 * neither {@code Math.exp} nor libm stands in any operator. Errors against the exact functions are
 * a few units in the last place.
 */
public final class Fp {
  /**
   * {@code (t + MAGIC) - MAGIC} rounds half to even for |t| up to 2^22: its unit in the last place
   * is 1.
   */
  private static final float MAGIC = 12582912f;

  private Fp() {}

  /** {@code a * b + c}, rounded once; {@link Platform#fma}. */
  public static float fma(float a, float b, float c) {
    return Platform.fma(a, b, c);
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
    float n = halvings(x);
    return (part(x, n) + 1f) * power(n);
  }

  /** e^x - 1, without cancellation around 0. */
  public static float expm1(float x) {
    float n = halvings(x);
    float power = power(n);
    return fma(part(x, n), power, power - 1f);
  }

  /** {@link #exp} with a true zero below -87.33654. */
  public static float expOrZero(float x) {
    return x < -87.33654f ? 0f : exp(x);
  }

  private static float bounded(float x) {
    return clamp(x, -87.33654f, 88.37626f);
  }

  /** n of {@code e^x = 2^n * e^r}. */
  private static float halvings(float x) {
    return rint(bounded(x) * 1.44269504f);
  }

  private static float power(float n) {
    return Float.intBitsToFloat(((int) n + 127) << 23);
  }

  /** e^r - 1. */
  private static float part(float x, float n) {
    float r = fma(n, -0.693145752f, bounded(x));
    r = fma(n, -1.42860677e-6f, r);
    float p = 1.98756915e-4f;
    p = fma(p, r, 1.39819995e-3f);
    p = fma(p, r, 8.33345190e-3f);
    p = fma(p, r, 4.16657962e-2f);
    p = fma(p, r, 1.66666657e-1f);
    p = fma(p, r, 5.00000000e-1f);
    return fma(p, r * r, r);
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

  /** x * Phi(x), Phi being the normal distribution. */
  public static float gelu(float x) {
    float a = magnitude(x);
    float e = tail(a);
    return x < 0 ? -(a * e) : x * (1f - e);
  }

  /** Phi(x), saturating at |x| = 8. */
  public static float normalCdf(float x) {
    float e = tail(magnitude(x));
    return x < 0 ? e : 1f - e;
  }

  private static float magnitude(float x) {
    float a = Math.abs(x);
    return a > 8f ? 8f : a;
  }

  /** Phi(-a), 0 <= a <= 8. */
  private static float tail(float a) {
    float p = 8.412364693732854e-10f;
    p = fma(p, a, -3.7207513514658785e-08f);
    p = fma(p, a, 7.14069585683319e-07f);
    p = fma(p, a, -7.737300620647147e-06f);
    p = fma(p, a, 5.057461385149509e-05f);
    p = fma(p, a, -0.00017926693544723094f);
    p = fma(p, a, -3.810340422205627e-05f);
    p = fma(p, a, 0.00486776465550065f);
    p = fma(p, a, -0.03638741001486778f);
    p = fma(p, a, -0.3182949423789978f);
    p = fma(p, a, -0.7978860139846802f);
    return exp(p * a) * 0.5f;
  }

  /** GELU's approximation by a hyperbolic tangent: {@code x / (1 + exp(-u))}. */
  public static float geluTanh(float x) {
    float c = x < -10f ? -10f : x;
    float u = c * fma(c * c, 0.0713548163f, 1.59576912f);
    return c / (1f + exp(-u));
  }

  /** {@code x > 0 ? x : alpha * expm1(x * beta)}; ELU with beta 1, CELU with 1 / alpha. */
  public static float elu(float x, float alpha, float beta) {
    return x > 0 ? x : alpha * expm1(x * beta);
  }

  /** The sum of 16 lanes: the upper half to the lower, until one is left. The array is used up. */
  public static float sum16(float[] lanes) {
    for (int n = 8; n > 0; n /= 2) {
      for (int i = 0; i < n; i++) {
        lanes[i] += lanes[i + n];
      }
    }
    return lanes[0];
  }
}
