package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Sum or mean of all elements of a float tensor (training); a scalar. */
public final class SumOp extends Op {
  /** Sum. */
  public static final SumOp SUM = new SumOp(false);

  /** Mean. */
  public static final SumOp MEAN = new SumOp(true);

  private final boolean mean;

  private SumOp(boolean mean) {
    this.mean = mean;
  }

  @Override
  public String name() {
    return mean ? "mean" : "sum";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of();
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.notEmpty(name(), in[0]);
    return new Tensor[] {FloatTensor.ofSpec(Shape.of(), MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    FloatTensor x = Rows.dense(in[0], in[0].format());
    double sum = Rows.sums(1, x)[0];
    return new Tensor[] {FloatTensor.scalar((float) (mean ? sum / x.numel() : sum))};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    Tensor g = new ExpandOp(inputs[0].shape(), inputs[0].format()).apply(grads[0]);
    return new Tensor[] {mean ? new ScaleOp(1f / inputs[0].numel()).apply(g) : g};
  }
}
