package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Quantize and dequantize in float32: {@code scale * (clamp(rint(x / scale) + zeroPoint, quantMin,
 * quantMax) - zeroPoint)}, the bits that QuantizeOp and DequantizeOp give together. Per tensor, or
 * for each index of an axis. Any shape.
 *
 * <p>The gradient is straight-through: it passes where the code was not clamped and is 0 elsewhere.
 * In a Program this is a quantize and a dequantize operator.
 */
public final class FakeQuantizeOp extends Op {
  private final float[] scales;
  private final float[] zeroPoints;
  private final int axis;
  private final int quantMin;
  private final int quantMax;
  private final boolean floatZeroPoints;

  private FakeQuantizeOp(
      float[] scales,
      float[] zeroPoints,
      int axis,
      int quantMin,
      int quantMax,
      boolean floatZeroPoints) {
    this.scales = scales;
    this.zeroPoints = zeroPoints;
    this.axis = axis;
    this.quantMin = quantMin;
    this.quantMax = quantMax;
    this.floatZeroPoints = floatZeroPoints;
    if (quantMin >= quantMax || (long) quantMax - quantMin > 0xffff) {
      throw new QParamsException(
          "The range of codes is "
              + quantMin
              + " to "
              + quantMax
              + "; expected at least 2 and at most 65536 codes.");
    }
    for (int i = 0; i < scales.length; i++) {
      if (!(scales[i] > 0) || Float.isInfinite(scales[i]) || Float.isInfinite(1f / scales[i])) {
        throw new QParamsException(
            "The scale of {module} is "
                + scales[i]
                + "; expected a finite positive number whose reciprocal is finite.");
      }
      if (!floatZeroPoints && !(zeroPoints[i] >= quantMin && zeroPoints[i] <= quantMax)) {
        throw new QParamsException(
            "The zero point of {module} is "
                + (int) zeroPoints[i]
                + "; expected one of the codes "
                + quantMin
                + " to "
                + quantMax
                + ".");
      }
    }
  }

  /**
   * With parameters for codes {@code quantMin} to {@code quantMax}, which may be fewer than the
   * dtype has.
   *
   * @throws QParamsException if a zero point is none of these codes, or there are more than 2^16
   *     codes
   */
  public static FakeQuantizeOp of(QParams qparams, int quantMin, int quantMax) {
    return of(qparams.scales(), qparams.zeroPoints(), qparams.axis(), quantMin, quantMax);
  }

  /**
   * One scale and zero point for each index of {@code axis}; -1 and one of each for the whole
   * tensor.
   */
  public static FakeQuantizeOp of(
      float[] scales, int[] zeroPoints, int axis, int quantMin, int quantMax) {
    float[] z = new float[zeroPoints.length];
    for (int i = 0; i < z.length; i++) {
      z[i] = zeroPoints[i];
    }
    return new FakeQuantizeOp(scales.clone(), z, axis, quantMin, quantMax, false);
  }

  /** One scale and zero point for the whole tensor. */
  public static FakeQuantizeOp perTensor(float scale, int zeroPoint, int quantMin, int quantMax) {
    return of(new float[] {scale}, new int[] {zeroPoint}, -1, quantMin, quantMax);
  }

  /**
   * With zero points that are no integers, as embeddings have: {@code scale * (clamp(rint(x / scale
   * + zeroPoint)) - zeroPoint)}, one scale and zero point for each index of {@code axis}.
   */
  public static FakeQuantizeOp withFloatZeroPoints(
      float[] scales, float[] zeroPoints, int axis, int quantMin, int quantMax) {
    return new FakeQuantizeOp(scales.clone(), zeroPoints.clone(), axis, quantMin, quantMax, true);
  }

  @Override
  public String name() {
    return "fake_quantize";
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    if (axis < 0) {
      m.put("scale", scales[0]);
      m.put("zero_point", floatZeroPoints ? zeroPoints[0] : (Object) (int) zeroPoints[0]);
    } else {
      m.put("axis", axis);
    }
    m.put("quant_min", quantMin);
    m.put("quant_max", quantMax);
    return m;
  }

  /** Channel axis, -1 per tensor. */
  public int axis() {
    return axis;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    if (axis >= x.shape().rank() || (axis >= 0 && x.size(axis) != scales.length)) {
      throw new ShapeException(
          "Op "
              + name()
              + " got shape "
              + x.shape()
              + "; expected "
              + scales.length
              + " channels on axis "
              + axis
              + ", as its parameters have.");
    }
    return new Tensor[] {FloatTensor.ofSpec(x.shape(), x.format())};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    ChannelRuns runs = ChannelRuns.of(in[0], axis);
    if (floatZeroPoints) {
      return new Tensor[] {
        runs.map((v, out, from, to, c) -> shifted(v[0], out, from, to, c), runs.x())
      };
    }
    Attributes.Builder a = Attributes.builder().ints(quantMin, quantMax, 0).floats(0f);
    Attributes given = a.ints(0, 0, quantMin).floats(0f).build();
    try (FloatTensor state = state()) {
      Tensor[] out = ObservedFakeQuantizeOp.run(context, runs, given, state);
      out[1].close();
      return new Tensor[] {out[0]};
    }
  }

  /** [C, 4] as OpKind.FAKE_QUANTIZE has it; only scale and zero point count. */
  FloatTensor state() {
    float[] state = new float[4 * scales.length];
    for (int c = 0; c < scales.length; c++) {
      state[4 * c + 2] = scales[c];
      state[4 * c + 3] = zeroPoints[c];
    }
    return FloatTensor.of(state, scales.length, 4);
  }

  /** With a zero point that is no integer. */
  private void shifted(float[] x, float[] y, int from, int to, int c) {
    float scale = scales[c];
    float inverse = 1f / scale;
    float z = zeroPoints[c];
    for (int i = from; i < to; i++) {
      float t = (float) Math.rint(x[i] * inverse + z);
      float q = t >= quantMin ? Math.min(t, quantMax) : quantMin;
      y[i] = (q - z) * scale;
    }
  }

  /** The smallest and the largest x of a channel whose code is in range: the code grows with x. */
  float[] bounds(int c) {
    float inverse = 1f / scales[c];
    float z = zeroPoints[c];
    float lo = (quantMin - z - 0.5f) * scales[c];
    float hi = (quantMax - z + 0.5f) * scales[c];
    while (code(lo, inverse, z) >= quantMin) {
      lo = Math.nextDown(lo);
    }
    while (code(lo, inverse, z) < quantMin) {
      lo = Math.nextUp(lo);
    }
    while (code(hi, inverse, z) <= quantMax) {
      hi = Math.nextUp(hi);
    }
    while (code(hi, inverse, z) > quantMax) {
      hi = Math.nextDown(hi);
    }
    return new float[] {lo, hi};
  }

  /** The code before it is clamped. */
  private double code(float x, float inverse, float z) {
    return floatZeroPoints ? Math.rint(x * inverse + z) : Math.rint(x * inverse) + z;
  }

  int channels() {
    return scales.length;
  }

  boolean hasFloatZeroPoints() {
    return floatZeroPoints;
  }

  /** {quant_min, quant_max}. */
  long[] codes() {
    return new long[] {quantMin, quantMax};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {new FakeQuantizeGradOp(this).apply(grads[0], inputs[0])};
  }

  /**
   * Weights are constants of a graph, whose fake-quantized values are computed while it is
   * compiled.
   */
  @Override
  public boolean foldsConstants() {
    return true;
  }

  /**
   * Quantize, then dequantize.
   *
   * @throws OctetException if the parameters are per channel or not those of 8 bits
   */
  @Override
  public List<Op> decompose() {
    DType dtype = quantMin < 0 ? DType.QINT8 : DType.QUINT8;
    if (axis >= 0
        || floatZeroPoints
        || quantMin < dtype.quantMin()
        || quantMax > dtype.quantMax()) {
      throw new OctetException(
          "The fake quantization of the activation at {module} ("
              + attributes()
              + ") cannot be part of a Program;"
              + " expected parameters per tensor, of at most 8 bits.");
    }
    QParams p = QParams.perTensor(scales[0], (int) zeroPoints[0], dtype);
    return List.of(
        new QuantizeOp(p, QuantizeOp.Rounding.RECIPROCAL, quantMin, quantMax), new DequantizeOp());
  }
}
