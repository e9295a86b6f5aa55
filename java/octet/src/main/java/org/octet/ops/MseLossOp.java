package org.octet.ops;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Mean of the squared differences of two float tensors of one shape (training); a scalar. */
public final class MseLossOp extends Op {
  @Override
  public String name() {
    return "mse_loss";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.floatInput(name(), in[1]);
    Checks.notEmpty(name(), in[0]);
    Checks.sameShape(name(), in[0], in[1]);
    return new Tensor[] {FloatTensor.ofSpec(Shape.of(), MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    FloatTensor a = Rows.dense(in[0], in[0].format());
    FloatTensor b = Rows.dense(in[1], a.format());
    double[][] sum =
        Rows.sums(
            1,
            1,
            (x, p, n) -> {
              float[] u = x[0];
              float[] v = x[1];
              float[] q = p[0];
              for (int i = 0; i < n; i++) {
                float d = u[i] - v[i];
                q[i] += d * d;
              }
            },
            a,
            b);
    return new Tensor[] {FloatTensor.scalar((float) (sum[0][0] / a.numel()))};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    Tensor d = SubOp.INSTANCE.apply(inputs[0], inputs[1]);
    float factor = 2f / inputs[0].numel();
    return new Tensor[] {
      new ScaleOp(factor).apply(d, grads[0]), new ScaleOp(-factor).apply(d, grads[0])
    };
  }
}
