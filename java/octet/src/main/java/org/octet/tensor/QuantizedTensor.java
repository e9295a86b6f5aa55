package org.octet.tensor;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Integer codes with scale and zero point, per tensor or for each index of one axis: {@code real =
 * (code - zeroPoint) * scale}.
 */
public final class QuantizedTensor extends Tensor {
  private final QParams qparams;

  private QuantizedTensor(
      QParams qparams, Shape shape, long[] strides, long offset, Storage storage) {
    super(qparams.dtype(), shape, strides, offset, storage);
    checkChannels(qparams, shape);
    this.qparams = qparams;
  }

  private static void checkChannels(QParams qparams, Shape shape) {
    if (!qparams.isPerChannel()) {
      return;
    }
    if (qparams.axis() >= shape.rank()) {
      throw new ShapeException(
          "The channel axis " + qparams.axis() + " is out of range for shape " + shape + ".");
    }
    if (qparams.count() != shape.dim(qparams.axis())) {
      throw new QParamsException(
          "Found "
              + qparams.count()
              + " scales for axis "
              + qparams.axis()
              + " of shape "
              + shape
              + "; expected "
              + shape.dim(qparams.axis())
              + ".");
    }
  }

  // ---- creation
  // --------------------------------------------------------------------------------------------------

  /** A dense tensor with undefined codes. */
  public static QuantizedTensor empty(Shape shape, MemoryFormat format, QParams qparams) {
    MemoryFormat f = shape.rank() < 3 ? MemoryFormat.CONTIGUOUS : format;
    // Before memory is allocated, which nobody would free.
    checkChannels(qparams, shape);
    return new QuantizedTensor(
        qparams,
        shape,
        shape.strides(f),
        0,
        Storage.allocate(shape.numel() * qparams.dtype().bytes()));
  }

  /** A tensor without values, for tracing. */
  public static QuantizedTensor ofSpec(Shape shape, MemoryFormat format, QParams qparams) {
    MemoryFormat f = shape.rank() < 3 ? MemoryFormat.CONTIGUOUS : format;
    return new QuantizedTensor(qparams, shape, shape.strides(f), 0, null);
  }

  /**
   * A tensor of given codes, in logical order; nothing is rounded.
   *
   * @throws QParamsException if a code is outside the dtype
   */
  public static QuantizedTensor ofCodes(int[] codes, QParams qparams, int... dims) {
    Shape shape = Shape.of(dims);
    if (codes.length != shape.numel()) {
      throw new ShapeException("Found " + codes.length + " codes for shape " + shape + ".");
    }
    QuantizedTensor t = empty(shape, MemoryFormat.CONTIGUOUS, qparams);
    ByteBuffer memory = t.storage().buffer();
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] < qparams.dtype().quantMin() || codes[i] > qparams.dtype().quantMax()) {
        t.close();
        throw new QParamsException(
            "Code " + codes[i] + " at index " + i + " is outside " + qparams.dtype() + ".");
      }
      t.putCode(memory, i, codes[i]);
    }
    return t;
  }

  /**
   * Quantizes a float tensor: {@code q = clamp(rint(x * (1f / scale)) + zeroPoint)}, ties to even,
   * NaN to the smallest code (PyTorch's quantize_per_tensor).
   *
   * @throws QParamsException if the scale is not finite and positive or the zero point is outside
   *     {@code dtype}
   */
  public static QuantizedTensor quantizePerTensor(
      FloatTensor x, double scale, int zeroPoint, DType dtype) {
    return quantize(x, QParams.perTensor(scale, zeroPoint, dtype));
  }

  /**
   * Quantizes with a scale and zero point for each index of {@code axis} (PyTorch's
   * quantize_per_channel).
   *
   * @throws ShapeException if the axis is out of range
   * @throws QParamsException if a scale or zero point is illegal or their number is not the axis'
   *     size
   */
  public static QuantizedTensor quantizePerChannel(
      FloatTensor x, float[] scales, int[] zeroPoints, int axis, DType dtype) {
    return quantize(
        x, QParams.perChannel(scales, zeroPoints, x.shape().normalizeAxis(axis), dtype));
  }

  /** The same from float64 scales, which only 32-bit codes keep (see {@link QParams}). */
  public static QuantizedTensor quantizePerChannel(
      FloatTensor x, double[] scales, int[] zeroPoints, int axis, DType dtype) {
    return quantize(
        x, QParams.perChannel(scales, zeroPoints, x.shape().normalizeAxis(axis), dtype));
  }

  /**
   * Quantizes with a scale and a float zero point for each index of {@code axis}: {@code q =
   * clamp(rint(x * (1f / scale) + zeroPoint))}, the scheme of embedding rows.
   *
   * @throws ShapeException if the axis is out of range
   * @throws QParamsException if a scale or zero point is illegal or their number is not the axis'
   *     size
   */
  public static QuantizedTensor quantizePerChannel(
      FloatTensor x, float[] scales, float[] zeroPoints, int axis, DType dtype) {
    return quantize(
        x, QParams.perChannelFloat(scales, zeroPoints, x.shape().normalizeAxis(axis), dtype));
  }

  /** Quantizes with ready parameters; the memory order of a dense {@code x} is kept. */
  public static QuantizedTensor quantize(FloatTensor x, QParams qparams) {
    return quantize(x, qparams, qparams.dtype().quantMin(), qparams.dtype().quantMax());
  }

  /** Quantizes and clamps to {@code [quantMin, quantMax]}, a part of the dtype's range. */
  public static QuantizedTensor quantize(
      FloatTensor x, QParams qparams, int quantMin, int quantMax) {
    float[] values = x.toArray();
    QuantizedTensor t = empty(x.shape(), x.format(), qparams);
    try {
      ByteBuffer memory = t.storage().buffer();
      int inner = t.channelStride();
      float[] z = qparams.scheme().hasFloatZeroPoints() ? qparams.floatZeroPoints() : null;
      t.forEach(
          (i, p) -> {
            int c = qparams.isPerChannel() ? i / inner % qparams.count() : 0;
            float inverse = 1f / qparams.scale(c);
            int code =
                z == null
                    ? Codes.quantize(values[i], inverse, qparams.zeroPoint(c), quantMin, quantMax)
                    : Codes.quantizeWithFloatZeroPoint(
                        values[i], inverse, z[c], quantMin, quantMax);
            t.putCode(memory, (int) p, code);
          });
    } catch (RuntimeException e) {
      t.close();
      throw e;
    }
    return t;
  }

  /** Elements of logical order between two neighbours along the channel axis; 1 per tensor. */
  private int channelStride() {
    int n = 1;
    if (qparams.isPerChannel()) {
      for (int i = qparams.axis() + 1; i < shape().rank(); i++) {
        n *= shape().dim(i);
      }
    }
    return Math.max(n, 1);
  }

  @Override
  QuantizedTensor view(Shape s, long[] st, long off, int[] axisMap, Storage held) {
    QParams q = qparams;
    if (q.isPerChannel()) {
      int axis = -1;
      for (int i = 0; i < axisMap.length; i++) {
        if (axisMap[i] == q.axis()) {
          axis = i;
        }
      }
      if (axis != q.axis()) {
        q = q.withAxis(axis);
      }
    }
    return new QuantizedTensor(q, s, st, off, held);
  }

  // ---- values
  // ----------------------------------------------------------------------------------------------------

  private int code(ByteBuffer b, int position) {
    return switch (dtype()) {
      case QUINT8, QUINT4X2, QUINT2X4 -> b.get(position) & 0xff;
      case QINT8 -> b.get(position);
      case QINT16 -> b.getShort(position * 2);
      default -> b.getInt(position * 4);
    };
  }

  private void putCode(ByteBuffer b, int position, int code) {
    switch (dtype()) {
      case QUINT8, QINT8, QUINT4X2, QUINT2X4 -> b.put(position, (byte) code);
      case QINT16 -> b.putShort(position * 2, (short) code);
      default -> b.putInt(position * 4, code);
    }
  }

  /** The codes in logical order (PyTorch's int_repr). */
  public int[] intRepr() {
    int[] out = new int[(int) numel()];
    Storage s = hold();
    try {
      ByteBuffer b = s.buffer();
      forEach((i, p) -> out[i] = code(b, (int) p));
    } finally {
      s.release();
    }
    return out;
  }

  /**
   * The real values {@code (code - zeroPoint) * scale}, with the same memory order where this is
   * dense. The product is rounded in float32; for 32-bit codes per channel it is a float64 product
   * rounded once.
   */
  public FloatTensor dequantize() {
    float[] out = new float[(int) numel()];
    int inner = channelStride();
    boolean wide = qparams.isPerChannel() && dtype() == DType.QINT32;
    float[] z = qparams.scheme().hasFloatZeroPoints() ? qparams.floatZeroPoints() : null;
    Storage s = hold();
    try {
      ByteBuffer b = s.buffer();
      forEach(
          (i, p) -> {
            int c = qparams.isPerChannel() ? i / inner % qparams.count() : 0;
            int code = code(b, (int) p);
            out[i] =
                z != null
                    ? Codes.dequantizeWithFloatZeroPoint(code, qparams.scale(c), z[c])
                    : wide
                        ? (float) (((long) code - qparams.zeroPoint(c)) * qparams.exactScale(c))
                        : Codes.dequantize(code, qparams.scale(c), qparams.zeroPoint(c));
          });
    } finally {
      s.release();
    }
    FloatTensor t = FloatTensor.empty(shape(), format());
    t.copyFrom(out);
    return t;
  }

  @Override
  public QParams qparams() {
    return qparams;
  }

  /**
   * The scale of a per-tensor quantized tensor (PyTorch's q_scale).
   *
   * @throws QParamsException if it is quantized per channel
   */
  public float qScale() {
    return qparams.scale();
  }

  /**
   * The zero point of a per-tensor quantized tensor (PyTorch's q_zero_point).
   *
   * @throws QParamsException if it is quantized per channel
   */
  public int qZeroPoint() {
    return qparams.zeroPoint();
  }

  /**
   * The scales of a per-channel quantized tensor (PyTorch's q_per_channel_scales).
   *
   * @throws QParamsException if it is quantized per tensor
   */
  public float[] qPerChannelScales() {
    requirePerChannel();
    return qparams.scales();
  }

  /**
   * The zero points of a per-channel quantized tensor.
   *
   * @throws QParamsException if it is quantized per tensor
   */
  public int[] qPerChannelZeroPoints() {
    requirePerChannel();
    return qparams.zeroPoints();
  }

  /**
   * The channel axis of a per-channel quantized tensor.
   *
   * @throws QParamsException if it is quantized per tensor
   */
  public int qPerChannelAxis() {
    requirePerChannel();
    return qparams.axis();
  }

  private void requirePerChannel() {
    if (!qparams.isPerChannel()) {
      throw new QParamsException(
          "Per-channel parameters were asked for, but this tensor is quantized per tensor ("
              + qparams
              + ").");
    }
  }

  /** The scheme of the {@link #qparams()}. */
  public QScheme qscheme() {
    return qparams.scheme();
  }

  /** The same memory seen with other parameters of the same dtype; a view. */
  public QuantizedTensor withQParams(QParams other) {
    if (other.dtype() != dtype()) {
      throw new DTypeException("Codes of " + dtype() + " cannot be seen as " + other.dtype() + ".");
    }
    Storage held = isAbstract() ? null : hold();
    try {
      return new QuantizedTensor(other, shape(), strides(), offset(), held);
    } catch (RuntimeException e) {
      if (held != null) {
        held.release();
      }
      throw e;
    }
  }

  /** A dense copy with memory of its own. */
  public QuantizedTensor copy() {
    QuantizedTensor t = empty(shape(), format(), qparams);
    copyCodes(t);
    return t;
  }

  private void copyCodes(QuantizedTensor to) {
    int[] target = new int[(int) numel()];
    Storage s = hold();
    try {
      ByteBuffer from = s.buffer();
      ByteBuffer into = to.storage().buffer();
      to.forEach((i, p) -> target[i] = (int) p);
      forEach((i, p) -> to.putCode(into, target[i], code(from, (int) p)));
    } finally {
      s.release();
    }
  }

  @Override
  public QuantizedTensor contiguous(MemoryFormat wanted) {
    if (isDense(wanted)) {
      return this;
    }
    if (isAbstract()) {
      return ofSpec(shape(), wanted, qparams);
    }
    QuantizedTensor t = empty(shape(), wanted, qparams);
    copyCodes(t);
    return t;
  }

  @Override
  public QuantizedTensor contiguous() {
    return contiguous(MemoryFormat.CONTIGUOUS);
  }

  @Override
  public QuantizedTensor reshape(int... dims) {
    return (QuantizedTensor) super.reshape(dims);
  }

  @Override
  public QuantizedTensor slice(int axis, int from, int to) {
    return (QuantizedTensor) super.slice(axis, from, to);
  }

  @Override
  public QuantizedTensor transpose(int axis0, int axis1) {
    return (QuantizedTensor) super.transpose(axis0, axis1);
  }

  @Override
  public QuantizedTensor permute(int... order) {
    return (QuantizedTensor) super.permute(order);
  }

  /** Same dtype, shape, parameters and codes. */
  public boolean equalCodes(QuantizedTensor other) {
    return shape().equals(other.shape())
        && qparams.equals(other.qparams)
        && Arrays.equals(intRepr(), other.intRepr());
  }
}
