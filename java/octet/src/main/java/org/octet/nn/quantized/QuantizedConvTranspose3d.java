package org.octet.nn.quantized;

import org.octet.ops.TransposedGeometry;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/** 8-bit transposed convolution of quint8 or qint8 [N, C, D, H, W]. */
public class QuantizedConvTranspose3d extends QuantizedConvTranspose {
  /**
   * A transposed convolution of given tensors.
   *
   * @param geometry the window
   * @param weight qint8 [in, out / groups, KD, KH, KW], per tensor or along axis 1
   * @param bias float32 [out], or null
   * @param output parameters of the result, quint8 or qint8
   * @throws org.octet.tensor.OctetException if dtypes, shapes or the axis do not fit
   */
  public QuantizedConvTranspose3d(
      TransposedGeometry geometry, QuantizedTensor weight, FloatTensor bias, QParams output) {
    super(geometry, weight, bias, output, 5);
  }
}
