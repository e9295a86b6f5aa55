package org.octet.nn;

import org.octet.ops.ConvGeometry;
import org.octet.ops.TransposedGeometry;
import org.octet.tensor.FloatTensor;

/** 1-D transposed convolution: [N, C, L] to [N, O, OL]. */
public class ConvTranspose1d extends ConvTranspose {
  /** Stride 1, no padding, with a bias. */
  public ConvTranspose1d(int inChannels, int outChannels, int kernel) {
    this(inChannels, outChannels, kernel, 1, 0);
  }

  /** With a bias. */
  public ConvTranspose1d(int inChannels, int outChannels, int kernel, int stride, int padding) {
    this(inChannels, outChannels, kernel, stride, padding, 0, 1, true, 1);
  }

  /** The same along every axis; in PyTorch's order. */
  public ConvTranspose1d(
      int inChannels,
      int outChannels,
      int kernel,
      int stride,
      int padding,
      int outputPadding,
      int groups,
      boolean bias,
      int dilation) {
    this(
        inChannels,
        outChannels,
        new TransposedGeometry(
            ConvGeometry.line(kernel, stride, padding, dilation, groups), 0, 0, outputPadding),
        bias);
  }

  /** Any window. */
  public ConvTranspose1d(
      int inChannels, int outChannels, TransposedGeometry geometry, boolean bias) {
    super(inChannels, outChannels, geometry, bias, 3);
  }

  /** A layer of given tensors: weight [in, out / groups, K], bias [out] or null. */
  public ConvTranspose1d(TransposedGeometry geometry, FloatTensor weight, FloatTensor bias) {
    super(geometry, weight, bias, 3);
  }
}
