package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/** 1 / x or 1 / sqrt(x + eps) of a few numbers, such as one a channel (training). */
public final class InverseOp extends Op {
  /** 1 / x. */
  public static final InverseOp RECIPROCAL = new InverseOp(false, 0);

  private final boolean root;
  private final double eps;

  private InverseOp(boolean root, double eps) {
    this.root = root;
    this.eps = eps;
  }

  /** 1 / sqrt(x + eps). */
  public static InverseOp rsqrt(double eps) {
    return new InverseOp(true, eps);
  }

  @Override
  public String name() {
    return root ? "rsqrt" : "reciprocal";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("epsilon", eps);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    return new Tensor[] {FloatTensor.ofSpec(x.shape(), x.format())};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    float[] v = ((FloatTensor) in[0]).toArray();
    for (int i = 0; i < v.length; i++) {
      // In float32 and two steps, as where a batch normalisation is folded into a weight.
      v[i] = 1f / (root ? (float) Math.sqrt(v[i] + (float) eps) : v[i]);
    }
    return new Tensor[] {FloatTensor.of(v, in[0].shape().dims())};
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Tensor y = outputs[0];
    Tensor square = BinaryOp.MUL.apply(y, y);
    Tensor power = root ? BinaryOp.MUL.apply(square, y) : square;
    return new Tensor[] {
      new ScaleOp(root ? -0.5f : -1f).apply(BinaryOp.MUL.apply(grads[0], power))
    };
  }
}
