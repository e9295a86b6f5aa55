package org.octet.nn.quantized;

import org.octet.nn.Functional;
import org.octet.ops.Broadcast;
import org.octet.ops.QuantizedAddOp;
import org.octet.ops.QuantizedCatOp;
import org.octet.ops.QuantizedMatmulOp;
import org.octet.ops.QuantizedMulOp;
import org.octet.ops.QuantizedScalarOp;
import org.octet.ops.ScalarOp;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * Arithmetic on quantized tensors: what a FloatFunctional becomes. Results of add, mul, matmul, cat
 * and addRelu have this module's scale and zero point; those of addScalar and mulScalar derive
 * theirs from the input. State: scale, zero_point.
 */
public final class QFunctional extends QuantizedModule implements Functional {
  /**
   * Arithmetic with results of the given parameters.
   *
   * @param output quint8 or qint8, per tensor
   */
  public QFunctional(QParams output) {
    super(output);
  }

  @Override
  public Tensor add(Tensor a, Tensor b) {
    return Broadcast.apply(new QuantizedAddOp(output(), false), a, b);
  }

  @Override
  public Tensor addScalar(Tensor x, double scalar) {
    return new QuantizedScalarOp(ScalarOp.Function.ADD, scalar, false).apply(x);
  }

  @Override
  public Tensor mul(Tensor a, Tensor b) {
    return Broadcast.apply(new QuantizedMulOp(output(), false), a, b);
  }

  @Override
  public Tensor mulScalar(Tensor x, double scalar) {
    return new QuantizedScalarOp(ScalarOp.Function.MUL, scalar, false).apply(x);
  }

  @Override
  public Tensor cat(int dim, Tensor... tensors) {
    return new QuantizedCatOp(dim, output(), false).apply(tensors);
  }

  @Override
  public Tensor matmul(Tensor a, Tensor b) {
    return new QuantizedMatmulOp(false, output()).apply(a, b);
  }

  @Override
  public Tensor addRelu(Tensor a, Tensor b) {
    return Broadcast.apply(new QuantizedAddOp(output(), true), a, b);
  }

  /**
   * Not callable.
   *
   * @throws OctetException always
   */
  @Override
  public Tensor forward(Tensor... in) {
    throw new OctetException(
        "QFunctional was run as a layer; call one of its operations, for example functional(key).add(a, b).");
  }

  @Override
  public String toString() {
    return "QFunctional(" + output() + ")";
  }
}
