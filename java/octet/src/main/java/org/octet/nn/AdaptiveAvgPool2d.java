package org.octet.nn;

import org.octet.ops.AdaptiveAvgPoolOp;
import org.octet.ops.PoolRounding;
import org.octet.tensor.Tensor;

/** Means of [N, C, H, W] over a grid of fixed size. Takes float32 and 8-bit quantized tensors. */
public class AdaptiveAvgPool2d extends Module {
  private final AdaptiveAvgPoolOp op;

  /** A square result; 1 is the global average pool. */
  public AdaptiveAvgPool2d(int outputSize) {
    this(outputSize, outputSize);
  }

  /** Height and width of the result; 0 keeps the input's. */
  public AdaptiveAvgPool2d(int outputHeight, int outputWidth) {
    this(outputHeight, outputWidth, PoolRounding.BEFORE_ZERO_POINT);
  }

  /** The same with a rule for codes whose mean is a tie. */
  public AdaptiveAvgPool2d(int outputHeight, int outputWidth, PoolRounding rounding) {
    op = new AdaptiveAvgPoolOp(outputHeight, outputWidth, rounding);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "AdaptiveAvgPool2d(" + op.outH() + ", " + op.outW() + ")";
  }
}
