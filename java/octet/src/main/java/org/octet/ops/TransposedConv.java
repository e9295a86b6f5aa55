package org.octet.ops;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.octet.backend.Backend;
import org.octet.backend.Platform;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;

/**
 * The gradient of a convolution's input as a convolution itself: of the result's gradient, with
 * zeros between its elements where the stride was more than 1, with the mirrored kernel.
 */
final class TransposedConv {
  private final ConvGeometry g;
  private final ConvGeometry mirrored;
  private final FloatTensor weight;

  private TransposedConv(ConvGeometry g, ConvGeometry mirrored, FloatTensor weight) {
    this.g = g;
    this.mirrored = mirrored;
    this.weight = weight;
  }

  /**
   * For the gradient {@code gradient} of the result and that of the input, {@code dx}; null where
   * another way is better or the only one: with groups, and with a stride unless depthwise, since
   * most products would be with zeros.
   */
  static TransposedConv of(
      ConvGeometry g, FloatTensor weight, FloatTensor gradient, FloatTensor dx) {
    int c = dx.size(1);
    boolean depthwise = g.groups() > 1 && g.groups() == c && weight.size(0) == c;
    boolean strided = g.strideH() != 1 || g.strideW() != 1;
    if (dx.shape().rank() != 4 || (!depthwise && (g.groups() > 1 || strided))) {
      return null;
    }
    int spanH = g.dilationH() * (g.kernelH() - 1);
    int spanW = g.dilationW() * (g.kernelW() - 1);
    int top = spanH - g.padTop();
    int left = spanW - g.padLeft();
    int bottom = dx.size(2) - 1 - (gradient.size(2) - 1) * g.strideH() + g.padTop();
    int right = dx.size(3) - 1 - (gradient.size(3) - 1) * g.strideW() + g.padLeft();
    if (Math.min(Math.min(top, left), Math.min(bottom, right)) < 0) {
      return null;
    }
    ConvGeometry mirrored =
        new ConvGeometry(
            g.kernelH(),
            g.kernelW(),
            1,
            1,
            top,
            left,
            bottom,
            right,
            g.dilationH(),
            g.dilationW(),
            g.groups());
    return new TransposedConv(g, mirrored, mirror(weight, depthwise));
  }

  /** [O][I][taps] to [I][O][taps], the taps in reverse; of a depthwise weight only these. */
  private static FloatTensor mirror(FloatTensor weight, boolean depthwise) {
    float[] v = weight.toArray();
    int o = depthwise ? 1 : weight.size(0);
    int i = depthwise ? weight.size(0) : weight.size(1);
    int taps = v.length / o / i;
    float[] m = new float[v.length];
    for (int a = 0; a < o; a++) {
      for (int b = 0; b < i; b++) {
        for (int t = 0; t < taps; t++) {
          m[(b * o + a) * taps + taps - 1 - t] = v[(a * i + b) * taps + t];
        }
      }
    }
    return FloatTensor.of(m, i, o, weight.size(2), weight.size(3));
  }

  void run(Backend backend, FloatTensor gradient, FloatTensor dx) {
    boolean strided = g.strideH() != 1 || g.strideW() != 1;
    FloatTensor from = strided ? spread(gradient) : gradient;
    OnCores.runByImage(
        backend, ConvOp.lower(mirrored, Activation.NONE, from, weight, null), from, dx);
    weight.close();
    if (strided) {
      from.close();
    }
  }

  /** With stride - 1 zeros between neighbours. */
  private FloatTensor spread(FloatTensor gradient) {
    int n = gradient.size(0);
    int c = gradient.size(1);
    int h = gradient.size(2);
    int w = gradient.size(3);
    int wide = (w - 1) * g.strideW() + 1;
    int high = (h - 1) * g.strideH() + 1;
    FloatTensor out =
        FloatTensor.empty(gradient.shape().with(2, high).with(3, wide), MemoryFormat.CHANNELS_LAST);
    FloatBuffer from = gradient.borrow();
    FloatBuffer to = out.borrow();
    Parallel.forRange(
        n,
        1,
        (a, b) -> {
          float[] line = Scratch.floats(0, wide * c);
          float[] empty = Scratch.floats(1, wide * c);
          float[] dense = Scratch.floats(2, w * c);
          Arrays.fill(line, 0, wide * c, 0f);
          Arrays.fill(empty, 0, wide * c, 0f);
          for (int i = a; i < b; i++) {
            for (int y = 0; y < high; y++) {
              boolean filled = y % g.strideH() == 0;
              if (filled) {
                Platform.get(from, (i * h + y / g.strideH()) * w * c, dense, 0, w * c);
                for (int x = 0; x < w; x++) {
                  System.arraycopy(dense, x * c, line, x * g.strideW() * c, c);
                }
              }
              Platform.put(to, (i * high + y) * wide * c, filled ? line : empty, 0, wide * c);
            }
          }
        });
    return out;
  }
}
