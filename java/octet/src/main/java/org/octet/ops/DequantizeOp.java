package org.octet.ops;

import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * quint8 or qint8 to float32: {@code (code - zeroPoint) * scale}. Any shape; the memory order is
 * kept.
 */
public final class DequantizeOp extends Op {
  @Override
  public String name() {
    return "dequantize";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    QuantizedTensor x = Checks.quantizedInput(name(), in[0]);
    Checks.notEmpty(name(), x);
    return new Tensor[] {FloatTensor.ofSpec(x.shape(), x.format())};
  }

  @Override
  public Lowering lower(Tensor... in) {
    QuantizedTensor x = (QuantizedTensor) in[0];
    Attributes a =
        Attributes.builder()
            .ints(Attributes.type(x.dtype()))
            .floats(x.qScale())
            .ints(x.qZeroPoint(), 0)
            .build();
    return Lowering.of(OpKind.DEQUANTIZE, a, 1, 1, Math.toIntExact(x.numel()));
  }
}
