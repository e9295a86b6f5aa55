package org.octet.tensor;

/**
 * The arithmetic of quantization, one value at a time: the definition that every kernel is held to.
 *
 * <p>Source: PyTorch's quantize_val and FBGEMM's QuantUtils: multiply by the float32 reciprocal,
 * round half to even, then add the zero point. Unlike PyTorch, which leaves them undefined in some
 * builds, values beyond the range saturate.
 */
public final class Codes {
  private Codes() {}

  /**
   * {@code clamp(rint(x * inverseScale) + zeroPoint)}; NaN gives {@code quantMin}.
   *
   * @param inverseScale {@code 1f / scale}
   */
  public static int quantize(
      float x, float inverseScale, int zeroPoint, int quantMin, int quantMax) {
    return round(x * inverseScale, zeroPoint, quantMin, quantMax);
  }

  /** Rounds a value that is in units of the scale already. */
  public static int round(float t, int zeroPoint, int quantMin, int quantMax) {
    if (t != t) {
      return quantMin;
    }
    if ((long) quantMax - quantMin > 0xffff) {
      // 32-bit codes: float32 cannot hold the bounds, so the clamp is done in int64 after rounding.
      double r = Math.rint((double) t);
      double q = r + zeroPoint;
      return q < quantMin ? quantMin : q > quantMax ? quantMax : (int) q;
    }
    float lo = (float) (quantMin - zeroPoint);
    float hi = (float) (quantMax - zeroPoint);
    float c = t < lo ? lo : t > hi ? hi : t;
    return (int) Math.rint((double) c) + zeroPoint;
  }

  /**
   * {@code clamp(rint(x * inverseScale + zeroPoint))} for a zero point that is a float, which is
   * added before rounding; NaN gives {@code quantMin}.
   */
  public static int quantizeWithFloatZeroPoint(
      float x, float inverseScale, float zeroPoint, int quantMin, int quantMax) {
    return round(x * inverseScale + zeroPoint, 0, quantMin, quantMax);
  }

  /** {@code ((float) code - zeroPoint) * scale} for a zero point that is a float. */
  public static float dequantizeWithFloatZeroPoint(int code, float scale, float zeroPoint) {
    return ((float) code - zeroPoint) * scale;
  }

  /** {@code (float) (code - zeroPoint) * scale}. */
  public static float dequantize(int code, float scale, int zeroPoint) {
    return (float) ((long) code - zeroPoint) * scale;
  }
}
