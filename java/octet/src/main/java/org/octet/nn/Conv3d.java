package org.octet.nn;

import org.octet.ops.ConvGeometry;
import org.octet.tensor.FloatTensor;

/**
 * 3-D convolution: [N, C, D, H, W] to [N, O, OD, OH, OW]. State: weight [out, in / groups, KD, KH,
 * KW], bias [out], both initialised uniformly in +-1 / sqrt(in / groups * KD * KH * KW), as PyTorch
 * does.
 */
public class Conv3d extends Conv {
  /** Stride 1, no padding, with a bias. */
  public Conv3d(int inChannels, int outChannels, int kernel) {
    this(inChannels, outChannels, kernel, 1, 0);
  }

  /** Equal stride and padding on all sides, with a bias. */
  public Conv3d(int inChannels, int outChannels, int kernel, int stride, int padding) {
    this(inChannels, outChannels, kernel, stride, padding, 1, 1, true);
  }

  /** Cubic in every respect. */
  public Conv3d(
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
        ConvGeometry.cube(kernel, stride, padding, dilation, groups),
        bias);
  }

  /** Any window: other sizes for depth, height and width, padding for each side. */
  public Conv3d(int inChannels, int outChannels, ConvGeometry geometry, boolean bias) {
    super(inChannels, outChannels, geometry, bias, 5);
  }

  /** A layer of given tensors: weight [out, in / groups, KD, KH, KW], bias [out] or null. */
  public Conv3d(ConvGeometry geometry, FloatTensor weight, FloatTensor bias) {
    super(geometry, weight, bias, 5);
  }
}
