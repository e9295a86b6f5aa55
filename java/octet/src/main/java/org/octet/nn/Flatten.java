package org.octet.nn;

import org.octet.ops.FlattenOp;
import org.octet.tensor.Tensor;

/** Merges dimensions into one, in logical order. Takes float32 and quantized tensors. */
public class Flatten extends Module {
  private final FlattenOp op;

  /** Keeps the batch dimension only: [N, ...] to [N, features]. */
  public Flatten() {
    this(1, -1);
  }

  /**
   * Merges dimensions {@code startDim} to {@code endDim}, both inclusive; negative ones count from
   * the last.
   */
  public Flatten(int startDim, int endDim) {
    op = new FlattenOp(startDim, endDim);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }
}
