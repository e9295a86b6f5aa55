package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Sum of two 8-bit tensors of one shape and dtype: {@code (a - za) * sa + (b - zb) * sb} in float32
 * (two products and a sum, each rounded), quantized to the result's parameters. {@link Broadcast}
 * serves other shapes.
 */
public final class QuantizedAddOp extends Op {
  private final QParams output;
  private final boolean relu;

  /**
   * A sum with the given result.
   *
   * @param relu whether negative results become zero
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizedAddOp(QParams output, boolean relu) {
    this.output = Checks.outputParams("quantized_add", output);
    this.relu = relu;
  }

  @Override
  public String name() {
    return "quantized_add";
  }

  /** Parameters of the result. */
  public QParams output() {
    return output;
  }

  /** Whether negative results become zero. */
  public boolean relu() {
    return relu;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("output", output, "relu", relu);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    QuantizedTensor a = Checks.quantizedInput(name(), in[0]);
    QuantizedTensor b = Checks.quantizedInput(name(), in[1]);
    Checks.sameType(name(), a, b);
    Checks.keepsType(name(), a, output);
    Checks.sameShape(name(), a, b);
    Checks.notEmpty(name(), a);
    return new Tensor[] {QuantizedTensor.ofSpec(a.shape(), a.format(), output)};
  }

  @Override
  public Lowering lower(Tensor... in) {
    QParams a = in[0].qparams();
    QParams b = in[1].qparams();
    CodeRange range = CodeRange.of(output, relu);
    Attributes attributes =
        Attributes.builder()
            .ints(Attributes.type(output.dtype()))
            .floats(a.scale())
            .ints(a.zeroPoint())
            .floats(b.scale())
            .ints(b.zeroPoint())
            .floats(1f / output.scale())
            .ints(output.zeroPoint(), range.min(), range.max())
            .build();
    return Lowering.of(OpKind.ADD_Q8, attributes, Math.toIntExact(in[0].numel()));
  }
}
