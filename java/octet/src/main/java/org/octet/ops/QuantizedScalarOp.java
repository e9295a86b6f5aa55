package org.octet.ops;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.ops.ScalarOp.Function;
import org.octet.tensor.Codes;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * An 8-bit tensor plus or times a number, in the domain of the codes: mostly the codes stay and the
 * parameters change, so that nothing is rounded (PyTorch's quantized add_scalar and mul_scalar).
 * The dtype stays.
 */
public final class QuantizedScalarOp extends Op {
  private final Function function;
  private final double scalar;
  private final boolean relu;

  /**
   * An operation with a constant.
   *
   * @param scalar a finite number
   * @param relu whether negative results become zero
   * @throws OctetException if {@code scalar} is not finite
   */
  public QuantizedScalarOp(Function function, double scalar, boolean relu) {
    ScalarOp.requireFinite(scalar);
    this.function = function;
    this.scalar = scalar;
    this.relu = relu;
  }

  @Override
  public String name() {
    return function == Function.ADD ? "quantized_add_scalar" : "quantized_mul_scalar";
  }

  /** Which operation. */
  public Function function() {
    return function;
  }

  /** The number. */
  public double scalar() {
    return scalar;
  }

  /** Whether negative results become zero. */
  public boolean relu() {
    return relu;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("scalar", scalar, "relu", relu);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    QuantizedTensor x = Checks.quantizedInput(name(), in[0]);
    Checks.notEmpty(name(), x);
    return new Tensor[] {QuantizedTensor.ofSpec(x.shape(), x.format(), output(x.qparams()))};
  }

  @Override
  public Lowering lower(Tensor... in) {
    QParams q = in[0].qparams();
    return new Lowering(
        OpKind.LUT_Q8,
        Attributes.builder().build(),
        () -> List.of(Constants.ofBytes(table(q))),
        Math.toIntExact(in[0].numel()));
  }

  /** The scalar in units of the scale, as a whole number. */
  private double steps(QParams q) {
    return Math.rint(scalar / q.scale());
  }

  /** Parameters of the result for an input with {@code q}. */
  private QParams output(QParams q) {
    int min = q.dtype().quantMin();
    int max = q.dtype().quantMax();
    double scale = q.scale();
    int z = q.zeroPoint();
    if (function == Function.MUL) {
      return scalar == 0
          ? QParams.perTensor(1, 0, q.dtype())
          : QParams.perTensor(
              Math.abs(scalar) * scale, scalar > 0 ? z : max - (z - min), q.dtype());
    }
    double moved = z - steps(q);
    if (moved < min) {
      return QParams.perTensor((max - moved) / (max - min) * scale, min, q.dtype());
    }
    if (moved > max) {
      return QParams.perTensor((moved - min) / (max - min) * scale, max, q.dtype());
    }
    return QParams.perTensor(scale, (int) moved, q.dtype());
  }

  private byte[] table(QParams q) {
    QParams out = output(q);
    byte[] table = new byte[256];
    for (int code = q.dtype().quantMin(); code <= q.dtype().quantMax(); code++) {
      int r = function == Function.MUL ? product(code, q) : sum(code, q, out);
      table[code & 0xff] = (byte) (relu ? Math.max(r, out.zeroPoint()) : r);
    }
    return table;
  }

  private int product(int code, QParams q) {
    if (scalar == 0) {
      return 0;
    }
    return scalar > 0 ? code : q.dtype().quantMin() + q.dtype().quantMax() - code;
  }

  private int sum(int code, QParams q, QParams out) {
    double moved = q.zeroPoint() - steps(q);
    if (moved >= q.dtype().quantMin() && moved <= q.dtype().quantMax()) {
      return code;
    }
    // The zero point would leave the dtype: the range is stretched to hold zero, and codes are
    // rounded anew.
    float multiplier = q.scale() * (1f / out.scale());
    float t = (float) (code - moved) * multiplier;
    return Codes.round(t, out.zeroPoint(), q.dtype().quantMin(), q.dtype().quantMax());
  }

  /** Equal ops have equal tables, so that eager calls find the operator that another call made. */
  @Override
  public boolean equals(Object o) {
    return o instanceof QuantizedScalarOp p
        && function == p.function
        && Double.compare(scalar, p.scalar) == 0
        && relu == p.relu;
  }

  @Override
  public int hashCode() {
    return Objects.hash(function, scalar, relu);
  }
}
