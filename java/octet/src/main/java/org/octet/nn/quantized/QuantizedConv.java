package org.octet.nn.quantized;

import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.Op;
import org.octet.ops.QuantizedConvOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;

/** What the quantized convolutions share. */
abstract class QuantizedConv extends QuantizedLayer {
  private final ConvGeometry geometry;

  QuantizedConv(
      ConvGeometry geometry,
      QuantizedTensor weight,
      FloatTensor bias,
      QParams output,
      Activation activation,
      int rank) {
    super(weight, bias, output, activation);
    this.geometry = geometry;
    if (!geometry.fits(weight.shape(), rank)) {
      throw new ShapeException(
          getClass().getSimpleName()
              + " got a weight of shape "
              + weight.shape()
              + "; expected "
              + rank
              + " dimensions [out, in / groups, kernel] with kernel "
              + geometry.kernelText()
              + " and output channels that "
              + geometry.groups()
              + " groups divide.");
    }
  }

  /** The window. */
  public final ConvGeometry geometry() {
    return geometry;
  }

  @Override
  final Op makeOp(QParams output) {
    return new QuantizedConvOp(geometry, output, activation());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + weight().size(1) * geometry.groups()
        + ", "
        + weight().size(0)
        + ", kernel="
        + geometry.kernelText()
        + ", groups="
        + geometry.groups()
        + ", "
        + details();
  }
}
