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

  /** Zeros where the real ones are floats. */
  private final int[] zeroPoints;

  /** Null unless the scheme has them. */
  private final float[] floatZeroPoints;

  private QParams(
      DType dtype,
      QScheme scheme,
      int axis,
      double[] exact,
      int[] zeroPoints,
      float[] floatZeroPoints) {
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
    this.floatZeroPoints = floatZeroPoints;
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
        dtype,
        QScheme.PER_TENSOR_AFFINE,
        -1,
        new double[] {(float) scale},
        new int[] {zeroPoint},
        null);
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
    return new QParams(dtype, QScheme.PER_CHANNEL_AFFINE, axis, exact, zeroPoints.clone(), null);
  }

  /**
   * Parameters for each index of {@code axis} with zero points that are floats (PyTorch's
   * per_channel_affine_float_qparams).
   *
   * @throws QParamsException if a scale is not finite and positive, a zero point not finite, or the
   *     lengths differ
   */
  public static QParams perChannelFloat(float[] scales, float[] zeroPoints, int axis, DType dtype) {
    for (float z : zeroPoints) {
      if (!Float.isFinite(z)) {
        throw new QParamsException("A zero point is " + z + "; expected a finite float32.");
      }
    }
    QParams plain = perChannel(scales, new int[zeroPoints.length], axis, dtype);
    return new QParams(
        dtype,
        QScheme.PER_CHANNEL_AFFINE_FLOAT_QPARAMS,
        axis,
        plain.exactScales,
        plain.zeroPoints,
        zeroPoints.clone());
  }

  /** The same parameters for a tensor whose channels are another axis. */
  QParams withAxis(int other) {
    return new QParams(dtype, scheme, other, exactScales, zeroPoints, floatZeroPoints);
  }

  /** The type of the codes. */
  public DType dtype() {
    return dtype;
  }

  /**
   * {@link QScheme#PER_TENSOR_AFFINE}, {@link QScheme#PER_CHANNEL_AFFINE} or {@link
   * QScheme#PER_CHANNEL_AFFINE_FLOAT_QPARAMS}.
   */
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

  /**
   * The zero point of channel {@code i} (0 per tensor).
   *
   * @throws QParamsException if zero points are floats
   */
  public int zeroPoint(int i) {
    requireIntegers();
    return zeroPoints[i];
  }

  /** A copy of the scales. */
  public float[] scales() {
    return scales.clone();
  }

  /**
   * A copy of the zero points.
   *
   * @throws QParamsException if they are floats
   */
  public int[] zeroPoints() {
    requireIntegers();
    return zeroPoints.clone();
  }

  private void requireIntegers() {
    if (floatZeroPoints != null) {
      throw new QParamsException(
          "An integer zero point was asked for, but those of per_channel_affine_float_qparams, the"
              + " scheme of embedding rows, are floats; ask for floatZeroPoints.");
    }
  }

  /** A copy of the zero points as floats, of any scheme. */
  public float[] floatZeroPoints() {
    if (floatZeroPoints != null) {
      return floatZeroPoints.clone();
    }
    float[] z = new float[zeroPoints.length];
    for (int i = 0; i < z.length; i++) {
      z[i] = zeroPoints[i];
    }
    return z;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof QParams p
        && dtype == p.dtype
        && axis == p.axis
        && Arrays.equals(exactScales, p.exactScales)
        && Arrays.equals(zeroPoints, p.zeroPoints)
        && Arrays.equals(floatZeroPoints, p.floatZeroPoints);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(scales) * 31 + Arrays.hashCode(zeroPoints) + dtype.ordinal() + axis;
  }

  @Override
  public String toString() {
    return isPerChannel()
        ? dtype
            + " per channel, axis "
            + axis
            + ", "
            + scales.length
            + (floatZeroPoints == null ? " channels" : " channels with float zero points")
        : dtype + " scale " + scales[0] + " zero point " + zeroPoints[0];
  }
}
