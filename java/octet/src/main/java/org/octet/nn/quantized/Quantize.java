package org.octet.nn.quantized;

import org.octet.ops.QuantizeOp;
import org.octet.tensor.DType;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/** float32 to quint8 or qint8: what a QuantStub becomes. Any shape. State: scale, zero_point. */
public final class Quantize extends QuantizedModule {
  private volatile QuantizeOp op;

  /**
   * Quantizes to the given parameters.
   *
   * @throws org.octet.tensor.DTypeException if they are not quint8 or qint8 per tensor
   */
  public Quantize(QParams output) {
    super(output);
    op = new QuantizeOp(output);
  }

  /** Quantizes to the given scale, zero point and dtype. */
  public Quantize(double scale, int zeroPoint, DType dtype) {
    this(QParams.perTensor(scale, zeroPoint, dtype));
  }

  @Override
  public Tensor forward(Tensor... in) {
    QuantizeOp o = op;
    if (o.output() != output()) {
      o = new QuantizeOp(output());
      op = o;
    }
    return o.apply(in[0]);
  }

  @Override
  public String toString() {
    return "Quantize(" + output() + ")";
  }
}
