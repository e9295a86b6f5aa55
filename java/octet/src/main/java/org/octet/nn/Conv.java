package org.octet.nn;

import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * What {@link Conv1d} and {@link Conv2d} share. State: weight [out, in / groups, kernel...], bias
 * [out].
 */
public abstract class Conv extends Module {
  private final Key weight;
  private final Key bias;
  private final ConvGeometry geometry;
  private final ConvOp op;

  Conv(ConvGeometry geometry, FloatTensor weight, FloatTensor bias, int rank) {
    if (weight.shape().rank() != rank
        || weight.size(-1) != geometry.kernelW()
        || (rank == 4 ? weight.size(2) : 1) != geometry.kernelH()
        || weight.size(0) % geometry.groups() != 0) {
      throw new OctetException(
          "Convolution got a weight of shape "
              + weight.shape()
              + "; expected "
              + rank
              + " dimensions, kernel "
              + geometry.kernelH()
              + "x"
              + geometry.kernelW()
              + " and a multiple of "
              + geometry.groups()
              + " outputs.");
    }
    this.geometry = geometry;
    this.op = new ConvOp(geometry, Activation.NONE);
    this.weight = param("weight", weight);
    this.bias = param("bias", bias);
  }

  /** Channels of the weight's dimension 1, checked. */
  static int groupChannels(int in, int out, int groups) {
    if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new OctetException(
          "Convolution got "
              + in
              + " input and "
              + out
              + " output channels with "
              + groups
              + " groups; expected positive multiples of the groups.");
    }
    return in / groups;
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
    ConvGeometry g = geometry;
    return getClass().getSimpleName()
        + "("
        + inChannels()
        + ", "
        + outChannels()
        + ", kernel "
        + g.kernelH()
        + "x"
        + g.kernelW()
        + ", stride "
        + g.strideH()
        + "x"
        + g.strideW()
        + ", padding "
        + g.padTop()
        + ","
        + g.padLeft()
        + ","
        + g.padBottom()
        + ","
        + g.padRight()
        + (g.groups() > 1 ? ", groups " + g.groups() : "")
        + ")";
  }
}
