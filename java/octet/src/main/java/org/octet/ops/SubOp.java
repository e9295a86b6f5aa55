package org.octet.ops;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/** a - b for float tensors of one shape (training). */
public final class SubOp extends Op {
  /** The op. */
  public static final SubOp INSTANCE = new SubOp();

  private SubOp() {}

  @Override
  public String name() {
    return "sub";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.floatInput(name(), in[1]);
    Checks.sameShape(name(), in[0], in[1]);
    return new Tensor[] {FloatTensor.ofSpec(in[0].shape(), in[0].format())};
  }

  /** What is computed from parameters only is no part of a Program. */
  @Override
  public boolean foldsConstants() {
    return true;
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    FloatTensor a = Rows.dense(in[0], in[0].format());
    FloatTensor b = Rows.dense(in[1], a.format());
    FloatTensor y = FloatTensor.empty(a.shape(), a.format());
    Pointwise.SUB.run(y, a, b);
    return new Tensor[] {y};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {grads[0], new ScaleOp(-1f).apply(grads[0])};
  }
}
