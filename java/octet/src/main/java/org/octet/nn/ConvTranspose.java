package org.octet.nn;

import java.util.Arrays;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvTransposeOp;
import org.octet.ops.TransposedGeometry;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * What {@link ConvTranspose1d}, {@link ConvTranspose2d} and {@link ConvTranspose3d} share. State:
 * weight [in, out / groups, kernel...], bias [out], both initialised uniformly in +-1 / sqrt(out /
 * groups * taps), as PyTorch does.
 */
public abstract class ConvTranspose extends Module {
  private final Key weight;
  private final Key bias;
  private final TransposedGeometry geometry;
  private final ConvTransposeOp op;

  ConvTranspose(TransposedGeometry geometry, FloatTensor weight, FloatTensor bias, int rank) {
    if (!geometry.conv().fits(weight.shape(), rank)) {
      throw new OctetException(
          "Transposed convolution got a weight of shape "
              + weight.shape()
              + "; expected "
              + rank
              + " dimensions [in, out / groups, kernel...], kernel "
              + geometry.conv().kernelText()
              + " and a multiple of "
              + geometry.conv().groups()
              + " inputs.");
    }
    this.geometry = geometry;
    this.op = new ConvTransposeOp(geometry, Activation.NONE);
    this.weight = param("weight", weight);
    this.bias = param("bias", bias);
  }

  ConvTranspose(int in, int out, TransposedGeometry geometry, boolean bias, int rank) {
    this(
        geometry,
        Init.uniform(fan(in, out, geometry.conv()), weightShape(in, out, geometry.conv(), rank)),
        bias ? Init.uniform(fan(in, out, geometry.conv()), out) : null,
        rank);
  }

  private static int[] weightShape(int in, int out, ConvGeometry g, int rank) {
    int[] all = {in, out / g.groups(), g.kernelD(), g.kernelH(), g.kernelW()};
    int[] shape = Arrays.copyOf(all, rank);
    System.arraycopy(all, 5 - (rank - 2), shape, 2, rank - 2);
    return shape;
  }

  private static int fan(int in, int out, ConvGeometry g) {
    if (in < 1 || out < 1 || in % g.groups() != 0 || out % g.groups() != 0) {
      throw new OctetException(
          "Transposed convolution got "
              + in
              + " input and "
              + out
              + " output channels with "
              + g.groups()
              + " groups; expected positive multiples of the groups.");
    }
    return out / g.groups() * g.taps();
  }

  /** Kernel, stride, padding, output padding, dilation and groups. */
  public final TransposedGeometry geometry() {
    return geometry;
  }

  /** The weight, [in, out / groups, kernel...]. */
  public final FloatTensor weight() {
    return get(weight);
  }

  /** The bias, [out], or null. */
  public final FloatTensor bias() {
    return get(bias);
  }

  /** Number of input channels. */
  public final int inChannels() {
    return weight().size(0);
  }

  /** Number of output channels. */
  public final int outChannels() {
    return weight().size(1) * geometry.conv().groups();
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0], get(weight), get(bias));
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + inChannels()
        + ", "
        + outChannels()
        + ", kernel "
        + geometry.conv().describe()
        + (geometry.conv().groups() > 1 ? ", groups " + geometry.conv().groups() : "")
        + ")";
  }
}
