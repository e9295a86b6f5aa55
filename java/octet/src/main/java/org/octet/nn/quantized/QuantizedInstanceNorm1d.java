package org.octet.nn.quantized;

import org.octet.ops.NormOp;
import org.octet.ops.Op;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;

/** Instance norm of 8-bit codes [N, C, L]: exact integer sums, one rounding to the code. */
public final class QuantizedInstanceNorm1d extends QuantizedNorm {
  private final double eps;

  /**
   * A normalisation of given tensors, which are copied.
   *
   * @param weight the scale, or null
   * @param bias the shift, or null
   * @param output parameters of the result, quint8 or qint8 as the input, per tensor
   */
  public QuantizedInstanceNorm1d(FloatTensor weight, FloatTensor bias, double eps, QParams output) {
    super(weight, bias, output);
    this.eps = eps;
  }

  @Override
  Op makeOp(QParams output) {
    return NormOp.instance(eps, output);
  }
}
