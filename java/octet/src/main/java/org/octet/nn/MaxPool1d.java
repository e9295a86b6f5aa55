package org.octet.nn;

import org.octet.ops.ConvGeometry;
import org.octet.ops.MaxPoolOp;
import org.octet.tensor.Tensor;

/**
 * Largest value of each window of [N, C, L]; padding never wins. Takes float32 and 8-bit quantized
 * tensors.
 */
public class MaxPool1d extends Module {
  private final MaxPoolOp op;

  /** Windows side by side: the stride is the kernel. */
  public MaxPool1d(int kernel) {
    this(kernel, kernel, 0);
  }

  /** Without dilation. */
  public MaxPool1d(int kernel, int stride, int padding) {
    this(kernel, stride, padding, 1, false);
  }

  /** All options; padding is at most half of the kernel. */
  public MaxPool1d(int kernel, int stride, int padding, int dilation, boolean ceilMode) {
    this(ConvGeometry.line(kernel, stride, padding, dilation, 1), ceilMode);
  }

  /** Any window of one group. */
  public MaxPool1d(ConvGeometry window, boolean ceilMode) {
    op = new MaxPoolOp(window, ceilMode);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return "MaxPool1d" + op.attributes();
  }
}
