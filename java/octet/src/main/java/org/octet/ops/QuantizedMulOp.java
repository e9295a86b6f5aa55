package org.octet.ops;

import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;

/**
 * Product of two 8-bit tensors of one shape and dtype: {@code rint((float) ((a - za) * (b - zb)) *
 * multiplier) + z}, where {@code multiplier = sa * sb * (1f / s)} in float32, in this order (as
 * PyTorch). {@link Broadcast} serves other shapes.
 */
public final class QuantizedMulOp extends QuantizedBinaryOp {
  /**
   * A product with the given result.
   *
   * @param relu whether negative results become zero
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizedMulOp(QParams output, boolean relu) {
    super(output, relu);
  }

  @Override
  public String name() {
    return "quantized_mul";
  }

  @Override
  OpKind kind() {
    return OpKind.MUL_Q8;
  }

  @Override
  void factors(Attributes.Builder attributes, QParams a, QParams b) {
    float multiplier = a.scale() * b.scale() * (1f / output().scale());
    if (!Float.isFinite(multiplier)) {
      throw new QParamsException(
          "Scales "
              + a.scale()
              + " and "
              + b.scale()
              + " multiplied and divided by the result's scale "
              + output().scale()
              + " are not finite; calibrate {module} again.");
    }
    attributes.ints(a.zeroPoint(), b.zeroPoint()).floats(multiplier);
  }
}
