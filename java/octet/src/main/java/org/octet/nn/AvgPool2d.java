package org.octet.nn;

import org.octet.ops.AvgPoolOp;
import org.octet.ops.ConvGeometry;
import org.octet.ops.PoolRounding;
import org.octet.tensor.Tensor;

/** Mean of each window of [N, C, H, W]. Takes float32 and 8-bit quantized tensors. */
public class AvgPool2d extends Module {
  private final AvgPoolOp op;

  /** Windows side by side: the stride is the kernel. */
  public AvgPool2d(int kernel) {
    this(kernel, kernel, 0);
  }

  /** Padding counts in the divisor. */
  public AvgPool2d(int kernel, int stride, int padding) {
    this(kernel, stride, padding, false, true, 0);
  }

  /** All options; padding is at most half of the kernel, {@code divisorOverride} 0 means none. */
  public AvgPool2d(
      int kernel,
      int stride,
      int padding,
      boolean ceilMode,
      boolean countIncludePad,
      int divisorOverride) {
    this(
        ConvGeometry.square(kernel, stride, padding, 1, 1),
        ceilMode,
        countIncludePad,
        divisorOverride);
  }

  /** Any window of one group without dilation. */
  public AvgPool2d(
      ConvGeometry window, boolean ceilMode, boolean countIncludePad, int divisorOverride) {
    this(window, ceilMode, countIncludePad, divisorOverride, PoolRounding.BEFORE_ZERO_POINT);
  }

  /** The same with a rule for codes whose mean is a tie. */
  public AvgPool2d(
      ConvGeometry window,
      boolean ceilMode,
      boolean countIncludePad,
      int divisorOverride,
      PoolRounding rounding) {
    op = new AvgPoolOp(window, ceilMode, countIncludePad, divisorOverride, rounding);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "AvgPool2d" + op.attributes();
  }
}
