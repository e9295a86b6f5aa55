package org.octet.ops;

import org.octet.backend.Attributes;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Shapes that float and quantized convolutions share. */
final class ConvShapes {
  private ConvShapes() {}

  /** Output shape; checks x and bias against the weight. */
  static Shape output(String op, ConvGeometry g, Tensor x, Shape weight, Tensor bias) {
    Shape s = x.shape();
    int channels = weight.dim(1) * g.groups();
    int out = weight.dim(0);
    if (bias != null && !bias.shape().equals(Shape.of(out))) {
      throw new ShapeException(
          "Op " + op + " got a bias of shape " + bias.shape() + "; expected [" + out + "].");
    }
    Checks.notEmpty(op, x);
    if (weight.rank() == 2) {
      if (s.rank() < 1 || s.dim(-1) != channels) {
        throw new ShapeException(
            "Linear got an input of shape "
                + s
                + "; expected "
                + channels
                + " features in the last dimension, as its weight "
                + weight
                + " has.");
      }
      return s.with(-1, out);
    }
    if (s.rank() != weight.rank() || s.dim(1) != channels) {
      throw new ShapeException(
          "Convolution got an input of shape "
              + s
              + "; expected "
              + weight.rank()
              + " dimensions with "
              + channels
              + " channels in dimension 1, as its weight "
              + weight
              + " and "
              + g.groups()
              + " groups say.");
    }
    int d = s.rank();
    Shape result = s.with(1, out).with(-1, g.outW(s.dim(-1)));
    result = d > 3 ? result.with(-2, g.outH(s.dim(-2))) : result;
    return d > 4 ? result.with(-3, g.outD(s.dim(-3))) : result;
  }

  /** {N, H, W} as kernels see it, or {N, D, H, W}. */
  static int[] dims(Tensor x, Shape weight) {
    Shape s = x.shape();
    return switch (weight.rank()) {
      case 2 -> new int[] {(int) (s.numel() / s.dim(-1)), 1, 1};
      case 3 -> new int[] {s.dim(0), 1, s.dim(2)};
      case 4 -> new int[] {s.dim(0), s.dim(2), s.dim(3)};
      default -> new int[] {s.dim(0), s.dim(2), s.dim(3), s.dim(4)};
    };
  }

  /** Appends the slots of depth, which a weight of five dimensions has. */
  static Attributes.Builder depth(Attributes.Builder b, ConvGeometry g, Tensor weight) {
    return weight.shape().rank() == 5 ? g.appendDepthTo(b) : b;
  }
}
