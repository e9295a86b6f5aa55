package org.octet.nn.quantized;

import org.octet.ops.NormOp;
import org.octet.ops.Op;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;

/** Group norm of 8-bit codes [N, C, ...]: exact integer sums, one rounding to the code. */
public final class QuantizedGroupNorm extends QuantizedNorm {
  private final int numGroups;
  private final double eps;

  /**
   * A normalisation of given tensors, which are copied.
   *
   * @param weight the scale, or null
   * @param bias the shift, or null
   * @param output parameters of the result, quint8 or qint8 as the input, per tensor
   */
  public QuantizedGroupNorm(
      int numGroups, FloatTensor weight, FloatTensor bias, double eps, QParams output) {
    super(weight, bias, output);
    this.numGroups = numGroups;
    this.eps = eps;
  }

  @Override
  Op makeOp(QParams output) {
    return NormOp.group(numGroups, eps, output);
  }
}
