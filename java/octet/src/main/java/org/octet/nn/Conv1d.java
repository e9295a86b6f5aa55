package org.octet.nn;

import org.octet.ops.ConvGeometry;
import org.octet.tensor.FloatTensor;

/**
 * 1-D convolution: [N, C, L] to [N, O, OL]. State: weight [out, in / groups, K], bias [out], both
 * initialised uniformly in +-1 / sqrt(in / groups * K), as PyTorch does.
 */
public class Conv1d extends Conv {
  /** Stride 1, no padding, with a bias. */
  public Conv1d(int inChannels, int outChannels, int kernel) {
    this(inChannels, outChannels, kernel, 1, 0);
  }

  /** With a bias. */
  public Conv1d(int inChannels, int outChannels, int kernel, int stride, int padding) {
    this(inChannels, outChannels, kernel, stride, padding, 1, 1, true);
  }

  /** All options. */
  public Conv1d(
      int inChannels,
      int outChannels,
      int kernel,
      int stride,
      int padding,
      int dilation,
      int groups,
      boolean bias) {
    this(
        inChannels,
        outChannels,
        ConvGeometry.line(kernel, stride, padding, dilation, groups),
        bias);
  }

  /** A window of height 1, perhaps with other padding on the left than on the right. */
  public Conv1d(int inChannels, int outChannels, ConvGeometry geometry, boolean bias) {
    super(inChannels, outChannels, geometry, bias, 3);
  }

  /** A layer of given tensors: weight [out, in / groups, K], bias [out] or null. */
  public Conv1d(ConvGeometry geometry, FloatTensor weight, FloatTensor bias) {
    super(geometry, weight, bias, 3);
  }
}
