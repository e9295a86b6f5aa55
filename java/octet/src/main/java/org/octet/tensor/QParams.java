package org.octet.tensor;

import java.util.Arrays;

/**
 * Scale and zero point of a quantized tensor: {@code real = (code - zeroPoint) * scale}; immutable.
 *
 * <p>Scales are rounded to float32 once, here, so that every later step uses the same number. The
 * one exception are 32-bit codes per channel, which have more digits than a float32: PyTorch keeps
 * float64 scales for them, and they are dequantized with those.
 */
public final class QParams {
  private final DType dtype;
  private final QScheme scheme;
  private final int axis;
  private final float[] scales;

  /** The scales before rounding. */
  private final double[] exactScales;

  private final int[] zeroPoints;

  private QParams(DType dtype, QScheme scheme, int axis, double[] exact, int[] zeroPoints) {
    float[] scales = new float[exact.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) exact[i];
    }
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
    this.exactScales = exact;
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
        dtype, QScheme.PER_TENSOR_AFFINE, -1, new double[] {(float) scale}, new int[] {zeroPoint});
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
    double[] exact = new double[scales.length];
    for (int i = 0; i < exact.length; i++) {
      exact[i] = scales[i];
    }
    return perChannel(exact, zeroPoints, axis, dtype);
  }

  /** The same from float64 scales, which {@link DType#QINT32} keeps and all others round. */
  public static QParams perChannel(double[] scales, int[] zeroPoints, int axis, DType dtype) {
    if (axis < 0) {
      throw new ShapeException("The channel axis is " + axis + "; expected a non-negative axis.");
    }
    double[] exact = scales.clone();
    if (dtype != DType.QINT32) {
      for (int i = 0; i < exact.length; i++) {
        exact[i] = (float) exact[i];
      }
    }
    return new QParams(dtype, QScheme.PER_CHANNEL_AFFINE, axis, exact, zeroPoints.clone());
  }

  /** The same parameters for a tensor whose channels are another axis. */
  QParams withAxis(int other) {
    return new QParams(dtype, scheme, other, exactScales, zeroPoints);
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

  /** {@link #scale(int)}, for 32-bit codes per channel as it was before it was rounded. */
  public double exactScale(int i) {
    return exactScales[i];
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
        && Arrays.equals(exactScales, p.exactScales)
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
