package org.octet.nn.quantized;

import org.octet.ops.Op;
import org.octet.ops.UnaryOp;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * 1 / (1 + exp(-x)) on 8-bit codes of any shape, with parameters of its own. State: scale,
 * zero_point.
 */
public final class QuantizedSigmoid extends QuantizedOpModule {
  /**
   * A function with results of the given parameters.
   *
   * @param output quint8 or qint8 as the input, per tensor
   */
  public QuantizedSigmoid(QParams output) {
    super(output);
  }

  @Override
  Op makeOp(QParams output) {
    return UnaryOp.sigmoid(output);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op().apply(requireQuantized(in[0]));
  }

  @Override
  public String toString() {
    return "QuantizedSigmoid(" + output() + ")";
  }
}
