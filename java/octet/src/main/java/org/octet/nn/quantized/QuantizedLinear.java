package org.octet.nn.quantized;

import org.octet.ops.Activation;
import org.octet.ops.Op;
import org.octet.ops.QuantizedLinearOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/**
 * 8-bit linear layer over the last dimension: quint8 or qint8 [..., in] to [..., out]. State:
 * weight (qint8 [out, in]), bias (float32 [out]), scale, zero_point.
 */
public class QuantizedLinear extends QuantizedLayer {
  /**
   * A layer of given tensors.
   *
   * @param weight qint8 [out, in], per tensor or along axis 0
   * @param bias float32 [out], or null
   * @param output parameters of the result, quint8 or qint8
   * @throws org.octet.tensor.OctetException if dtypes, shapes or the axis do not fit
   */
  public QuantizedLinear(QuantizedTensor weight, FloatTensor bias, QParams output) {
    this(weight, bias, output, Activation.NONE);
  }

  /** A layer with a fused activation. */
  protected QuantizedLinear(
      QuantizedTensor weight, FloatTensor bias, QParams output, Activation activation) {
    super(weight, bias, output, activation);
  }

  @Override
  final Op makeOp(QParams output) {
    return new QuantizedLinearOp(output, activation());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + weight().size(1)
        + ", "
        + weight().size(0)
        + ", "
        + details();
  }
}
