package org.octet.tensor;

import java.util.Arrays;

/**
 * Scale and zero point of a quantized tensor: {@code real = (code - zeroPoint) * scale}; immutable.
 *
 * <p>Scales are rounded to float32 once, here, so that every later step uses the same number.
 */
public final class QParams {
  private final DType dtype;
  private final QScheme scheme;
  private final int axis;
  private final float[] scales;
  private final int[] zeroPoints;

  private QParams(DType dtype, QScheme scheme, int axis, float[] scales, int[] zeroPoints) {
    if (!dtype.isQuantized()) {
      throw new DTypeException(
          "Quantization parameters need a quantized dtype, found " + dtype + ".");
    }
    if (scales.length != zeroPoints.length) {
      throw new QParamsException(
          "Found "
              + scales.length
              + " scales and "
              + zeroPoints.length
              + " zero points; expected as many of each.");
    }
    for (int i = 0; i < scales.length; i++) {
      String where = scheme.isPerChannel() ? " of channel " + i : "";
      if (!(scales[i] > 0) || Float.isInfinite(scales[i]) || Float.isInfinite(1f / scales[i])) {
        throw new QParamsException(
            "The scale"
                + where
                + " is "
                + scales[i]
                + "; expected a finite positive float32 whose reciprocal is finite. Calibrate with data that is not"
                + " constant, or give the observer an eps.");
      }
      if (zeroPoints[i] < dtype.quantMin() || zeroPoints[i] > dtype.quantMax()) {
        throw new QParamsException(
            "The zero point"
                + where
                + " is "
                + zeroPoints[i]
                + "; "
                + dtype
                + " takes "
                + dtype.quantMin()
                + " to "
                + dtype.quantMax()
                + ".");
      }
    }
    this.dtype = dtype;
    this.scheme = scheme;
    this.axis = axis;
    this.scales = scales;
    this.zeroPoints = zeroPoints;
  }

  /**
   * Parameters for a whole tensor.
   *
   * @param scale rounded to float32
   * @throws QParamsException if the scale is not finite and positive or the zero point is outside
   *     the dtype
   */
  public static QParams perTensor(double scale, int zeroPoint, DType dtype) {
    return new QParams(
        dtype, QScheme.PER_TENSOR_AFFINE, -1, new float[] {(float) scale}, new int[] {zeroPoint});
  }

  /**
   * Parameters for each index of {@code axis}.
   *
   * @param scales one for each index
   * @param zeroPoints one for each index
   * @param axis a non-negative axis of the tensor
   * @throws QParamsException as {@link #perTensor}, or if the lengths differ
   */
  public static QParams perChannel(float[] scales, int[] zeroPoints, int axis, DType dtype) {
    if (axis < 0) {
      throw new ShapeException("The channel axis is " + axis + "; expected a non-negative axis.");
    }
    return new QParams(dtype, QScheme.PER_CHANNEL_AFFINE, axis, scales.clone(), zeroPoints.clone());
  }

  /** The type of the codes. */
  public DType dtype() {
    return dtype;
  }

  /** {@link QScheme#PER_TENSOR_AFFINE} or {@link QScheme#PER_CHANNEL_AFFINE}. */
  public QScheme scheme() {
    return scheme;
  }

  /** Whether there is a scale for each index of {@link #axis()}. */
  public boolean isPerChannel() {
    return scheme.isPerChannel();
  }

  /** The channel axis, -1 per tensor. */
  public int axis() {
    return axis;
  }

  /**
   * The scale of the whole tensor.
   *
   * @throws QParamsException if there is one for each channel
   */
  public float scale() {
    requirePerTensor("scale");
    return scales[0];
  }

  /**
   * The zero point of the whole tensor.
   *
   * @throws QParamsException if there is one for each channel
   */
  public int zeroPoint() {
    requirePerTensor("zero point");
    return zeroPoints[0];
  }

  private void requirePerTensor(String what) {
    if (isPerChannel()) {
      throw new QParamsException(
          "One "
              + what
              + " was asked for, but this is quantized per channel (axis "
              + axis
              + ", "
              + scales.length
              + " channels); ask for the per-channel values.");
    }
  }

  /** Number of scales: 1 per tensor. */
  public int count() {
    return scales.length;
  }

  /** The scale of channel {@code i} (0 per tensor). */
  public float scale(int i) {
    return scales[i];
  }

  /** The zero point of channel {@code i} (0 per tensor). */
  public int zeroPoint(int i) {
    return zeroPoints[i];
  }

  /** A copy of the scales. */
  public float[] scales() {
    return scales.clone();
  }

  /** A copy of the zero points. */
  public int[] zeroPoints() {
    return zeroPoints.clone();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof QParams p
        && dtype == p.dtype
        && axis == p.axis
        && Arrays.equals(scales, p.scales)
        && Arrays.equals(zeroPoints, p.zeroPoints);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(scales) * 31 + Arrays.hashCode(zeroPoints) + dtype.ordinal() + axis;
  }

  @Override
  public String toString() {
    return isPerChannel()
        ? dtype + " per channel, axis " + axis + ", " + scales.length + " channels"
        : dtype + " scale " + scales[0] + " zero point " + zeroPoints[0];
  }
}
