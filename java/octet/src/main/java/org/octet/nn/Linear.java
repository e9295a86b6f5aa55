package org.octet.nn;

import org.octet.ops.Activation;
import org.octet.ops.LinearOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/** y = x W^T + b over the last dimension. State: weight [out, in], bias [out]. */
public class Linear extends Module {
  private static final LinearOp OP = new LinearOp(Activation.NONE);

  private final Key weight;
  private final Key bias;

  /** A layer with PyTorch's default initialisation (uniform in +-1/sqrt(in)). */
  public Linear(int inFeatures, int outFeatures, boolean withBias) {
    this(
        Init.uniform(inFeatures, outFeatures, inFeatures),
        withBias ? Init.uniform(inFeatures, outFeatures) : null);
  }

  /** A layer with a bias. */
  public Linear(int inFeatures, int outFeatures) {
    this(inFeatures, outFeatures, true);
  }

  /** A layer of given tensors: weight [out, in], bias [out] or null. */
  public Linear(FloatTensor weight, FloatTensor bias) {
    this.weight = param("weight", weight);
    this.bias = param("bias", bias);
  }

  /** The weight, [out, in]. */
  public final FloatTensor weight() {
    return get(weight);
  }

  /** The bias, [out], or null. */
  public final FloatTensor bias() {
    return get(bias);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return OP.apply(in[0], get(weight), get(bias));
  }

  @Override
  public String toString() {
    return "Linear(" + weight().size(1) + ", " + weight().size(0) + ")";
  }
}
