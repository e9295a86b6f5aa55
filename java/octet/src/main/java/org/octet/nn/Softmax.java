package org.octet.nn;

import org.octet.ops.SoftmaxOp;
import org.octet.tensor.Tensor;

/**
 * e^x over its sum along a dimension: the last one, or dimension 1 (the channels) of an image.
 * Takes float32 and 8-bit quantized tensors; quantized results have scale 1/256 and the smallest
 * code as zero point.
 */
public class Softmax extends Module {
  private final SoftmaxOp op;

  /** Along {@code dim}, which may count from the end. */
  public Softmax(int dim) {
    op = new SoftmaxOp(dim);
  }

  /** The dimension, as it was given. */
  public final int dim() {
    return op.dim();
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "Softmax(" + dim() + ")";
  }
}
