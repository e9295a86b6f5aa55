package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * float32 to quint8 or qint8, per tensor: {@code clamp(rint(x / scale) + zeroPoint)}, ties to even,
 * NaN to the smallest code. Any shape; images (four and more dimensions) come out channels-last, in
 * the same pass.
 */
public final class QuantizeOp extends Op {
  /** How {@code x / scale} is computed; the two differ in a few per cent of exact ties. */
  public enum Rounding {
    /** {@code x * (1f / scale)}, as PyTorch. */
    RECIPROCAL,
    /** {@code x / scale}, as the ONNX standard. */
    DIVIDE
  }

  private final QParams output;
  private final Rounding rounding;
  private final CodeRange range;

  /** Quantizes to {@code output} as PyTorch does. */
  public QuantizeOp(QParams output) {
    this(output, Rounding.RECIPROCAL);
  }

  /**
   * Quantizes to {@code output}.
   *
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizeOp(QParams output, Rounding rounding) {
    this(output, rounding, output.dtype().quantMin(), output.dtype().quantMax());
  }

  /**
   * Quantizes to codes {@code quantMin} to {@code quantMax} only.
   *
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizeOp(QParams output, Rounding rounding, int quantMin, int quantMax) {
    this.output = Checks.outputParams("quantize", output);
    this.rounding = rounding;
    this.range = new CodeRange(quantMin, quantMax);
  }

  @Override
  public String name() {
    return "quantize";
  }

  /** Parameters of the result. */
  public QParams output() {
    return output;
  }

  /** How the quotient is computed. */
  public Rounding rounding() {
    return rounding;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("output", output, "rounding", rounding);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    if (in[0] instanceof QuantizedTensor) {
      throw new DTypeException(
          "Op quantize got a "
              + Checks.describe(in[0])
              + "; expected float32. Remove the QuantStub at {module}, or put a DeQuantStub before it.");
    }
    FloatTensor x = Checks.floatInput(name(), in[0]);
    Checks.notEmpty(name(), x);
    boolean image = x.shape().rank() >= 4;
    return new Tensor[] {
      QuantizedTensor.ofSpec(x.shape(), image ? MemoryFormat.CHANNELS_LAST : x.format(), output)
    };
  }

  @Override
  public Lowering lower(Tensor... in) {
    Shape s = in[0].shape();
    boolean reorder = s.rank() >= 4 && !in[0].isDense(MemoryFormat.CHANNELS_LAST);
    Attributes a =
        Attributes.builder()
            .ints(Attributes.type(output.dtype()))
            .floats(1f / output.scale())
            .ints(output.zeroPoint(), range.min(), range.max())
            .ints(rounding == Rounding.DIVIDE ? 1 : 0)
            .floats(output.scale())
            .ints(reorder ? 1 : 0)
            .build();
    int count = Math.toIntExact(s.numel());
    return reorder
        ? Lowering.of(OpKind.QUANTIZE, a, s.dim(0), s.dim(1), count / s.dim(0) / s.dim(1))
        : Lowering.of(OpKind.QUANTIZE, a, 1, 1, count);
  }
}
