package org.octet.nn.quantized;

import org.octet.ops.Op;
import org.octet.ops.QuantizeOp;
import org.octet.tensor.DType;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/** float32 to quint8 or qint8: what a QuantStub becomes. Any shape. State: scale, zero_point. */
public final class Quantize extends QuantizedOpModule {
  /**
   * Quantizes to the given parameters.
   *
   * @throws org.octet.tensor.DTypeException if they are not quint8 or qint8 per tensor
   */
  public Quantize(QParams output) {
    super(output);
    op();
  }

  /** Quantizes to the given scale, zero point and dtype. */
  public Quantize(double scale, int zeroPoint, DType dtype) {
    this(QParams.perTensor(scale, zeroPoint, dtype));
  }

  @Override
  Op makeOp(QParams output) {
    return new QuantizeOp(output);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op().apply(in[0]);
  }

  @Override
  public String toString() {
    return "Quantize(" + output() + ")";
  }
}
