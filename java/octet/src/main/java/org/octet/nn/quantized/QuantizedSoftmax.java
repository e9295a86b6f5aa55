package org.octet.nn.quantized;

import org.octet.ops.Op;
import org.octet.ops.SoftmaxOp;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * softmax along a dimension of 8-bit codes, with parameters of its own. State: scale, zero_point.
 */
public final class QuantizedSoftmax extends QuantizedOpModule {
  private final int dim;

  /**
   * A function with results of the given parameters.
   *
   * @param output quint8 or qint8 as the input, per tensor
   */
  public QuantizedSoftmax(int dim, QParams output) {
    super(output);
    this.dim = dim;
  }

  @Override
  Op makeOp(QParams output) {
    return new SoftmaxOp(dim, output);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op().apply(requireQuantized(in[0]));
  }

  @Override
  public String toString() {
    return "QuantizedSoftmax(" + dim + ", " + output() + ")";
  }
}
