package org.octet.nn;

import java.util.Arrays;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * What {@link Conv1d}, {@link Conv2d} and {@link Conv3d} share. State: weight [out, in / groups,
 * kernel...], bias [out].
 */
public abstract class Conv extends Module {
  private final Key weight;
  private final Key bias;
  private final ConvGeometry geometry;
  private final ConvOp op;

  /**
   * A layer of given tensors.
   *
   * @param rank of the weight: 3 to 5
   */
  protected Conv(ConvGeometry geometry, FloatTensor weight, FloatTensor bias, int rank) {
    if (!geometry.fits(weight.shape(), rank)) {
      throw new OctetException(
          "Convolution got a weight of shape "
              + weight.shape()
              + "; expected "
              + rank
              + " dimensions, kernel "
              + geometry.kernelText()
              + " and a multiple of "
              + geometry.groups()
              + " outputs.");
    }
    this.geometry = geometry;
    this.op = new ConvOp(geometry, Activation.NONE);
    this.weight = param("weight", weight);
    this.bias = param("bias", bias);
  }

  /** Initialised as PyTorch does: uniform in +-1 / sqrt(in / groups * taps). */
  Conv(int in, int out, ConvGeometry geometry, boolean bias, int rank) {
    this(
        geometry,
        Init.uniform(fanIn(in, out, geometry), weightShape(in, out, geometry, rank)),
        bias ? Init.uniform(fanIn(in, out, geometry), out) : null,
        rank);
  }

  private static int[] weightShape(int in, int out, ConvGeometry g, int rank) {
    int[] all = {out, in / g.groups(), g.kernelD(), g.kernelH(), g.kernelW()};
    int[] shape = Arrays.copyOf(all, rank);
    System.arraycopy(all, 5 - (rank - 2), shape, 2, rank - 2);
    return shape;
  }

  /** Inputs of one output; checks the channels. */
  private static int fanIn(int in, int out, ConvGeometry g) {
    int groups = g.groups();
    if (in < 1 || out < 1 || in % groups != 0 || out % groups != 0) {
      throw new OctetException(
          "Convolution got "
              + in
              + " input and "
              + out
              + " output channels with "
              + groups
              + " groups; expected positive multiples of the groups.");
    }
    return in / groups * g.taps();
  }

  /** Kernel, stride, padding, dilation and groups. */
  public final ConvGeometry geometry() {
    return geometry;
  }

  /** The weight, [out, in / groups, kernel...]. */
  public final FloatTensor weight() {
    return get(weight);
  }

  /** The bias, [out], or null. */
  public final FloatTensor bias() {
    return get(bias);
  }

  /** Number of input channels. */
  public final int inChannels() {
    return weight().size(1) * geometry.groups();
  }

  /** Number of output channels. */
  public final int outChannels() {
    return weight().size(0);
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
        + geometry.describe()
        + (geometry.groups() > 1 ? ", groups " + geometry.groups() : "")
        + ")";
  }
}
