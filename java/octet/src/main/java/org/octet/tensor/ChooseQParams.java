package org.octet.tensor;

/**
 * Scale and zero point chosen from a minimum and maximum at run time: the rule of PyTorch's {@code
 * choose_qparams}, which dynamic quantization and fused fake quantization use. (Observers have a
 * rule of their own.)
 *
 * <p>Source: FBGEMM's ChooseQuantizationParams. Steps are in double where it has double, in float
 * where it has float, so that the results are equal to the last bit.
 *
 * @param scale positive; its reciprocal is finite
 * @param zeroPoint within the (reduced) range of codes
 */
public record ChooseQParams(float scale, int zeroPoint) {
  /** Scales below this are raised to it. */
  private static final float SMALL_SCALE = 6.1e-5f;

  /**
   * Chooses.
   *
   * <p>An infinite minimum or maximum gives an infinite scale, so that what is computed with it is
   * not finite either.
   *
   * @param min minimum of the values; greater than {@code max} (as +inf, -inf) if there were none,
   *     which counts as 0, 0
   * @param max maximum of the values
   * @param quantMin smallest code
   * @param quantMax largest code
   * @param preserveSparsity symmetric around zero if {@code min < 0 < max}
   * @param reduceRange halves the range of codes, rounding towards zero: 0..255 becomes 0..127
   */
  public static ChooseQParams of(
      float min,
      float max,
      int quantMin,
      int quantMax,
      boolean preserveSparsity,
      boolean reduceRange) {
    int qmin = reduceRange ? quantMin / 2 : quantMin;
    int qmax = reduceRange ? quantMax / 2 : quantMax;
    float lo = min <= max ? min : 0f;
    float hi = min <= max ? max : 0f;
    boolean symmetric = preserveSparsity && lo < 0 && hi > 0;
    if (symmetric) {
      int symmetricMin = -((qmax - qmin) / 2 + 1);
      int symmetricMax = (qmax - qmin) / 2;
      float most = Math.max(Math.abs(lo / symmetricMin), Math.abs(hi / symmetricMax));
      lo = most * symmetricMin;
      hi = most * symmetricMax;
    }
    lo = Math.min(lo, 0f);
    hi = Math.max(hi, 0f);

    double s = ((double) hi - lo) / (qmax - qmin);
    if ((float) s == 0 || Float.isInfinite(1f / (float) s)) {
      s = 0.1;
    }
    if (s < SMALL_SCALE) {
      float original = (float) s;
      s = SMALL_SCALE;
      if (lo == 0) {
        hi = SMALL_SCALE * (qmax - qmin);
      } else if (hi == 0) {
        lo = -SMALL_SCALE * (qmax - qmin);
      } else {
        float amplifier = SMALL_SCALE / original;
        lo *= amplifier;
        hi *= amplifier;
      }
    }

    double fromMin = qmin - lo / s;
    double fromMax = qmax - hi / s;
    double errorOfMin = Math.abs(qmin) - Math.abs(lo / s);
    double errorOfMax = Math.abs(qmax) - Math.abs(hi / s);
    double z = errorOfMin < errorOfMax ? fromMin : fromMax;
    if (symmetric) {
      z = (qmin + qmax) / 2.0;
    }
    // Written so that NaN, which only infinities give, ends as qmin.
    int zeroPoint = !(z >= qmin) ? qmin : z > qmax ? qmax : (int) Math.rint(z);
    return new ChooseQParams((float) s, zeroPoint);
  }
}
