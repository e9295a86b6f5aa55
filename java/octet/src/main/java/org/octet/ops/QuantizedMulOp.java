package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Product of two 8-bit tensors of one shape and dtype: {@code rint((float) ((a - za) * (b - zb)) *
 * multiplier) + z}, where {@code multiplier = sa * sb * (1f / s)} in float32, in this order (as
 * PyTorch). {@link Broadcast} serves other shapes.
 */
public final class QuantizedMulOp extends Op {
  private final QParams output;
  private final boolean relu;

  /**
   * A product with the given result.
   *
   * @param relu whether negative results become zero
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizedMulOp(QParams output, boolean relu) {
    this.output = Checks.outputParams("quantized_mul", output);
    this.relu = relu;
  }

  @Override
  public String name() {
    return "quantized_mul";
  }

  /** Parameters of the result. */
  public QParams output() {
    return output;
  }

  /** Whether negative results become zero. */
  public boolean relu() {
    return relu;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("output", output, "relu", relu);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    QuantizedTensor a = Checks.quantizedInput(name(), in[0]);
    QuantizedTensor b = Checks.quantizedInput(name(), in[1]);
    Checks.sameType(name(), a, b);
    Checks.keepsType(name(), a, output);
    Checks.sameShape(name(), a, b);
    Checks.notEmpty(name(), a);
    return new Tensor[] {QuantizedTensor.ofSpec(a.shape(), a.format(), output)};
  }

  @Override
  public Lowering lower(Tensor... in) {
    QParams a = in[0].qparams();
    QParams b = in[1].qparams();
    CodeRange range = CodeRange.of(output, relu);
    float multiplier = a.scale() * b.scale() * (1f / output.scale());
    if (!Float.isFinite(multiplier)) {
      throw new QParamsException(
          "Scales "
              + a.scale()
              + " and "
              + b.scale()
              + " multiplied and divided by the result's scale "
              + output.scale()
              + " are not finite; calibrate {module} again.");
    }
    Attributes attributes =
        Attributes.builder()
            .ints(Attributes.type(output.dtype()), a.zeroPoint(), b.zeroPoint())
            .floats(multiplier)
            .ints(output.zeroPoint(), range.min(), range.max())
            .build();
    return Lowering.of(OpKind.MUL_Q8, attributes, Math.toIntExact(in[0].numel()));
  }
}
