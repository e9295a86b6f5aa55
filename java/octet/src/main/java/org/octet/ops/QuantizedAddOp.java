package org.octet.ops;

import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.QParams;

/**
 * Sum of two 8-bit tensors of one shape and dtype: {@code (a - za) * sa + (b - zb) * sb} in float32
 * (two products and a sum, each rounded), quantized to the result's parameters. {@link Broadcast}
 * serves other shapes.
 */
public final class QuantizedAddOp extends QuantizedBinaryOp {
  /**
   * A sum with the given result.
   *
   * @param relu whether negative results become zero
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizedAddOp(QParams output, boolean relu) {
    super(output, relu);
  }

  @Override
  public String name() {
    return "quantized_add";
  }

  @Override
  OpKind kind() {
    return OpKind.ADD_Q8;
  }

  @Override
  void factors(Attributes.Builder attributes, QParams a, QParams b) {
    attributes
        .floats(a.scale())
        .ints(a.zeroPoint())
        .floats(b.scale())
        .ints(b.zeroPoint())
        .floats(1f / output().scale());
  }
}
