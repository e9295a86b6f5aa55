package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/** A float tensor times a constant, or times a scalar tensor given as second input (training). */
public final class ScaleOp extends Op {
  private final float factor;

  /** Multiplies by {@code factor}. */
  public ScaleOp(float factor) {
    this.factor = factor;
  }

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("factor", factor);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    return new Tensor[] {FloatTensor.ofSpec(in[0].shape(), in[0].format())};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    FloatTensor x = Rows.dense(in[0], in[0].format());
    FloatTensor y = FloatTensor.empty(x.shape(), x.format());
    float f = in.length > 1 ? factor * ((FloatTensor) in[1]).item() : factor;
    Rows.map(
        y,
        1,
        (a, out, n) -> {
          float[] v = a[0];
          for (int i = 0; i < n; i++) {
            out[i] = v[i] * f;
          }
        },
        x);
    return new Tensor[] {y};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    if (inputs.length == 1) {
      return new Tensor[] {apply(grads[0])};
    }
    Tensor product = BinaryOp.MUL.apply(grads[0], inputs[0]);
    return new Tensor[] {
      apply(grads[0], inputs[1]),
      new ScaleOp(factor).apply(new SumToOp(inputs[1].shape()).apply(product))
    };
  }
}
