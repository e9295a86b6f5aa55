package org.octet.nn.quantized;

import org.octet.ops.Activation;
import org.octet.ops.Op;
import org.octet.ops.QuantizedConvTransposeOp;
import org.octet.ops.TransposedGeometry;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;

/**
 * What the quantized transposed convolutions share. State: weight (qint8 [in, out / groups,
 * kernel...]), bias (float32 [out]), scale, zero_point.
 */
public abstract class QuantizedConvTranspose extends QuantizedLayer {
  private final TransposedGeometry geometry;

  QuantizedConvTranspose(
      TransposedGeometry geometry,
      QuantizedTensor weight,
      FloatTensor bias,
      QParams output,
      int rank) {
    super(weight, bias, output, Activation.NONE, 1, geometry.conv().groups());
    this.geometry = geometry;
    if (!geometry.conv().fits(weight.shape(), rank)) {
      throw new ShapeException(
          getClass().getSimpleName()
              + " got a weight of shape "
              + weight.shape()
              + "; expected "
              + rank
              + " dimensions [in, out / groups, kernel] with kernel "
              + geometry.conv().kernelText()
              + " and input channels that "
              + geometry.conv().groups()
              + " groups divide.");
    }
  }

  /** The window. */
  public final TransposedGeometry geometry() {
    return geometry;
  }

  @Override
  final Op makeOp(QParams output) {
    return new QuantizedConvTransposeOp(geometry, output, activation());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + weight().size(0)
        + ", "
        + weight().size(1) * geometry.conv().groups()
        + ", kernel="
        + geometry.conv().kernelText()
        + ", groups="
        + geometry.conv().groups()
        + ", "
        + details();
  }
}
