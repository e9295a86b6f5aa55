package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Product of matrices of 8-bit codes, exact in int32: [..., M, K] by [..., K, N], or by [..., N, K]
 * where transposed, gives [..., M, N], as codes or as float32. Each operand is quint8 or qint8. The
 * dimensions before the last two are the same, or the right operand has none.
 */
public final class QuantizedMatmulOp extends Op {
  private final boolean transB;
  private final QParams output;

  /**
   * A product.
   *
   * @param output parameters of the result, quint8 or qint8, per tensor; null for float32
   */
  public QuantizedMatmulOp(boolean transB, QParams output) {
    this.transB = transB;
    this.output = output == null ? null : Checks.outputParams("quantized_matmul", output);
  }

  @Override
  public String name() {
    return "quantized_matmul";
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("transB", transB);
    if (output != null) {
      m.put("output", output);
    }
    return m;
  }

  private MatmulOp.Sizes sizes(Tensor... in) {
    return MatmulOp.sizes(name(), in[0], in[1], false, transB);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.quantizedInput(name(), in[0]);
    Checks.quantizedInput(name(), in[1]);
    MatmulOp.Sizes s = sizes(in);
    return new Tensor[] {
      output == null
          ? FloatTensor.ofSpec(s.out(), MemoryFormat.CONTIGUOUS)
          : QuantizedTensor.ofSpec(s.out(), MemoryFormat.CONTIGUOUS, output)
    };
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CONTIGUOUS;
  }

  @Override
  public Lowering lower(Tensor... in) {
    QParams a = in[0].qparams();
    QParams b = in[1].qparams();
    float multiplier = a.scale() * b.scale();
    if (output != null) {
      multiplier = multiplier / output.scale();
    }
    if (!Float.isFinite(multiplier)) {
      throw new QParamsException(
          "Scales "
              + a.scale()
              + " and "
              + b.scale()
              + " multiplied and divided by that of "
              + output
              + " are not finite; calibrate {module} again.");
    }
    Attributes.Builder attributes =
        Attributes.builder()
            .ints(transB ? 1 : 0, Attributes.type(a.dtype()), Attributes.type(b.dtype()))
            .ints(output == null ? Attributes.F32 : Attributes.type(output.dtype()))
            .ints(a.zeroPoint(), b.zeroPoint())
            .floats(multiplier);
    if (output == null) {
      attributes.ints(0, 0, 0);
    } else {
      attributes.ints(output.zeroPoint(), output.dtype().quantMin(), output.dtype().quantMax());
    }
    MatmulOp.Sizes s = sizes(in);
    return Lowering.of(OpKind.MATMUL_Q8, attributes.build(), s.batch(), s.m(), s.k(), s.n());
  }
}
