package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * An elementwise function of two 8-bit tensors of one shape and dtype with a result of that dtype.
 * {@link Broadcast} serves other shapes.
 */
abstract sealed class QuantizedBinaryOp extends Op permits QuantizedAddOp, QuantizedMulOp {
  private final QParams output;
  private final boolean relu;

  /**
   * A function with the given result.
   *
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  QuantizedBinaryOp(QParams output, boolean relu) {
    this.output = Checks.outputParams(name(), output);
    this.relu = relu;
  }

  /** Parameters of the result. */
  public final QParams output() {
    return output;
  }

  /** Whether negative results become zero. */
  public final boolean relu() {
    return relu;
  }

  @Override
  public final Map<String, Object> attributes() {
    return Map.of("output", output, "relu", relu);
  }

  @Override
  public final Tensor[] infer(Tensor... in) {
    QuantizedTensor a = Checks.quantizedInput(name(), in[0]);
    QuantizedTensor b = Checks.quantizedInput(name(), in[1]);
    Checks.sameType(name(), a, b);
    Checks.keepsType(name(), a, output);
    Checks.sameShape(name(), a, b);
    Checks.notEmpty(name(), a);
    return new Tensor[] {QuantizedTensor.ofSpec(a.shape(), a.format(), output)};
  }

  @Override
  public final Lowering lower(Tensor... in) {
    CodeRange range = CodeRange.of(output, relu);
    Attributes.Builder b = Attributes.builder().ints(Attributes.type(output.dtype()));
    factors(b, in[0].qparams(), in[1].qparams());
    b.ints(output.zeroPoint(), range.min(), range.max());
    return Lowering.of(kind(), b.build(), Math.toIntExact(in[0].numel()));
  }

  abstract OpKind kind();

  /** Appends what the kind has between the type and the result's zero point. */
  abstract void factors(Attributes.Builder attributes, QParams a, QParams b);
}
