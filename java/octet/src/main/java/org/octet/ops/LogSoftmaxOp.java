package org.octet.ops;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Tensor;

/**
 * log softmax over the last dimension (training). Outputs: the logarithms; softmax, through which
 * no gradient flows.
 */
public final class LogSoftmaxOp extends Op {
  @Override
  public String name() {
    return "log_softmax";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.notEmpty(name(), in[0]);
    FloatTensor out = FloatTensor.ofSpec(in[0].shape(), MemoryFormat.CONTIGUOUS);
    return new Tensor[] {out, out};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    int classes = in[0].shape().rank() == 0 ? 1 : in[0].size(-1);
    float[] x = ((FloatTensor) in[0]).toArray();
    float[] logs = new float[x.length];
    for (int at = 0; at < x.length; at += classes) {
      System.arraycopy(x, at, logs, at, classes);
      double norm = softmax(x, at, classes);
      for (int i = at; i < at + classes; i++) {
        logs[i] = (float) (logs[i] - norm);
      }
    }
    int[] dims = in[0].shape().dims();
    return new Tensor[] {FloatTensor.of(logs, dims), FloatTensor.of(x, dims)};
  }

  /** Replaces {@code n} values by their softmax; returns log(sum(exp(x))). */
  static double softmax(float[] x, int at, int n) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = at; i < at + n; i++) {
      max = Math.max(max, x[i]);
    }
    double sum = 0;
    for (int i = at; i < at + n; i++) {
      sum += Math.exp((double) x[i] - max);
    }
    for (int i = at; i < at + n; i++) {
      x[i] = (float) (Math.exp((double) x[i] - max) / sum);
    }
    return max + Math.log(sum);
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    // g - softmax * sum(g)
    Tensor sum = new SumToOp(inputs[0].shape().with(-1, 1)).apply(grads[0]);
    return new Tensor[] {SubOp.INSTANCE.apply(grads[0], BinaryOp.MUL.apply(outputs[1], sum))};
  }
}
