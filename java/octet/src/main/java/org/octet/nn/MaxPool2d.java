package org.octet.nn;

import org.octet.ops.ConvGeometry;
import org.octet.ops.MaxPoolOp;
import org.octet.tensor.Tensor;

/**
 * Largest value of each window of [N, C, H, W]; padding never wins. Takes float32 and 8-bit
 * quantized tensors.
 */
public class MaxPool2d extends Module {
  private final MaxPoolOp op;

  /** Windows side by side: the stride is the kernel. */
  public MaxPool2d(int kernel) {
    this(kernel, kernel, 0);
  }

  /** Without dilation. */
  public MaxPool2d(int kernel, int stride, int padding) {
    this(kernel, stride, padding, 1, false);
  }

  /** All options; padding is at most half of the kernel. */
  public MaxPool2d(int kernel, int stride, int padding, int dilation, boolean ceilMode) {
    this(ConvGeometry.square(kernel, stride, padding, dilation, 1), ceilMode);
  }

  /** Any window of one group. */
  public MaxPool2d(ConvGeometry window, boolean ceilMode) {
    op = new MaxPoolOp(window, ceilMode);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "MaxPool2d" + op.attributes();
  }
}
