package org.octet.nn.intrinsic.quantized;

import org.octet.nn.quantized.QuantizedConv3d;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/** 8-bit convolution and ReLU in one: the result's codes do not fall below its zero point. */
public final class QuantizedConvReLU3d extends QuantizedConv3d {
  /** A convolution of given tensors, as {@link QuantizedConv3d}. */
  public QuantizedConvReLU3d(
      ConvGeometry geometry, QuantizedTensor weight, FloatTensor bias, QParams output) {
    super(geometry, weight, bias, output, Activation.RELU);
  }
}
