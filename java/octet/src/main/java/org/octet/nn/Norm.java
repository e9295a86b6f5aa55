package org.octet.nn;

import org.octet.ops.NormOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * What {@link LayerNorm}, {@link GroupNorm} and the instance norms share: parts of the input less
 * their mean, over the square root of their biased variance plus eps, times weight plus bias. No
 * statistics are kept, so training and evaluation are the same. State: weight, bias (absent without
 * affine).
 */
public abstract class Norm extends Module {
  private final Key weight;
  private final Key bias;
  private final NormOp op;

  Norm(NormOp op, Shape parameters, boolean affine) {
    this.op = op;
    weight = param("weight", affine ? FloatTensor.full(1f, parameters.dims()) : null);
    bias = param("bias", affine ? FloatTensor.zeros(parameters.dims()) : null);
  }

  /** What is added to the variance. */
  public final double eps() {
    return op.eps();
  }

  /** The scale, or null. */
  public final FloatTensor weight() {
    return get(weight);
  }

  /** The shift, or null. */
  public final FloatTensor bias() {
    return get(bias);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0], weight(), bias());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + op.attributes();
  }
}
