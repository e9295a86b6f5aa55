package org.octet.ops;

import org.octet.backend.Attributes;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Shapes and specs that pools share. Inputs are [N, C, H, W], or [N, C, L], which counts as height
 * 1.
 */
final class PoolShapes {
  private PoolShapes() {}

  /** PyTorch's pools pad by at most half a window. */
  static void checkWindow(String op, ConvGeometry g) {
    if (Math.max(g.padTop(), g.padBottom()) * 2 > g.kernelH()
        || Math.max(g.padLeft(), g.padRight()) * 2 > g.kernelW()) {
      throw new OctetException(
          "Op "
              + op
              + " got padding "
              + g.padTop()
              + ","
              + g.padLeft()
              + ","
              + g.padBottom()
              + ","
              + g.padRight()
              + " for kernel "
              + g.kernelH()
              + "x"
              + g.kernelW()
              + "; expected at most half of the kernel.");
    }
  }

  static void checkInput(String op, Tensor x) {
    if (!(x instanceof FloatTensor)) {
      Checks.quantizedInput(op, x);
    }
    Checks.notEmpty(op, x);
    if (x.shape().rank() != 3 && x.shape().rank() != 4) {
      throw new ShapeException(
          "Op " + op + " got shape " + x.shape() + "; expected [N, C, L] or [N, C, H, W].");
    }
  }

  static int height(Tensor x) {
    return x.shape().rank() == 4 ? x.size(2) : 1;
  }

  static int width(Tensor x) {
    return x.size(-1);
  }

  /** The result's spec: dtype and parameters of x, channels last. */
  static Tensor[] result(Tensor x, int outH, int outW) {
    Shape s = x.shape().with(-1, outW);
    s = s.rank() == 4 ? s.with(2, outH) : s;
    return new Tensor[] {
      x instanceof FloatTensor
          ? FloatTensor.ofSpec(s, MemoryFormat.CHANNELS_LAST)
          : QuantizedTensor.ofSpec(s, MemoryFormat.CHANNELS_LAST, x.qparams())
    };
  }

  /** {OH, OW}. */
  static int[] output(ConvGeometry g, boolean ceilMode, Tensor x) {
    int h = height(x);
    int w = width(x);
    if (!ceilMode) {
      return new int[] {g.outH(h), g.outW(w)};
    }
    return new int[] {
      ceil(h, g.kernelH(), g.strideH(), g.padTop(), g.padBottom(), g.dilationH()),
      ceil(w, g.kernelW(), g.strideW(), g.padLeft(), g.padRight(), g.dilationW())
    };
  }

  private static int ceil(int size, int kernel, int stride, int before, int after, int dilation) {
    int span = dilation * (kernel - 1) + 1;
    int room = size + before + after - span;
    if (room + stride - 1 < 0) {
      throw new ShapeException(
          "Input size "
              + size
              + " with padding "
              + (before + after)
              + " is smaller than the window, "
              + span
              + ".");
    }
    int out = Math.floorDiv(room + stride - 1, stride) + 1;
    // The last window must start inside the input or the padding before it.
    return (out - 1) * stride >= size + before ? out - 1 : out;
  }

  /** {N, H, W, OH, OW}. */
  static int[] dims(Tensor x, int outH, int outW) {
    return new int[] {x.size(0), height(x), width(x), outH, outW};
  }

  /** Appends {zero_point qmin qmax rounding}; zeros for floats. */
  static Attributes.Builder codes(Attributes.Builder b, Tensor x, PoolRounding rounding) {
    return x.qparams() == null
        ? b.ints(0, 0, 0, 0)
        : b.ints(
            x.qparams().zeroPoint(),
            x.dtype().quantMin(),
            x.dtype().quantMax(),
            rounding == PoolRounding.AFTER_ZERO_POINT ? 1 : 0);
  }
}
