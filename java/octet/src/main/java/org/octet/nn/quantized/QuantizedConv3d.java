package org.octet.nn.quantized;

import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/**
 * 8-bit convolution of quint8 or qint8 [N, C, D, H, W], padded with real zero. State: weight (qint8
 * [out, in / groups, KD, KH, KW]), bias (float32 [out]), scale, zero_point.
 */
public class QuantizedConv3d extends QuantizedConv {
  /**
   * A convolution of given tensors.
   *
   * @param geometry the window
   * @param weight qint8 [out, in / groups, KD, KH, KW], per tensor or along axis 0
   * @param bias float32 [out], or null
   * @param output parameters of the result, quint8 or qint8
   * @throws org.octet.tensor.OctetException if dtypes, shapes or the axis do not fit
   */
  public QuantizedConv3d(
      ConvGeometry geometry, QuantizedTensor weight, FloatTensor bias, QParams output) {
    this(geometry, weight, bias, output, Activation.NONE);
  }

  /** A convolution with a fused activation. */
  protected QuantizedConv3d(
      ConvGeometry geometry,
      QuantizedTensor weight,
      FloatTensor bias,
      QParams output,
      Activation activation) {
    super(geometry, weight, bias, output, activation, 5);
  }
}
