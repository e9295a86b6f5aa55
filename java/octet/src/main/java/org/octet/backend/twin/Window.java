package org.octet.backend.twin;

import org.octet.backend.Attributes;

/**
 * The window of a convolution over [N][D][H][W]; depth is 1 where dims and attributes have none.
 * Taps outside of the input, and between its values where it is stretched, are skipped.
 */
record Window(Axis z, Axis y, Axis x) {
  /** The window along one axis. */
  record Axis(int kernel, int stride, int before, int after, int dilation, int up) {
    /** From one value of the input to the next it is one place. */
    Axis(int kernel, int stride, int before, int after, int dilation) {
      this(kernel, stride, before, after, dilation, 1);
    }

    int outputs(int size) {
      int stretched = size == 0 ? 0 : (size - 1) * up + 1;
      int room = stretched + before + after - dilation * (kernel - 1) - 1;
      return room < 0 ? 0 : room / stride + 1;
    }

    /** The index in the input of what a tap sees, or -1. */
    int inside(int output, int tap, int size) {
      int place = at(output, tap);
      return place < 0 || place % up != 0 || place / up >= size ? -1 : place / up;
    }

    int at(int output, int tap) {
      return output * stride - before + tap * dilation;
    }
  }

  /**
   * Reads {KH KW SH SW pad_top pad_left pad_bottom pad_right DH DW} from slot {@code at} and, if
   * there are that many, {KD SD pad_front pad_back DD} from {@code depthAt} and {UD UH UW} behind.
   */
  static Window of(Attributes a, int at, int depthAt) {
    boolean deep = a.size() - 5 >= depthAt;
    boolean stretched = a.size() - 8 >= depthAt;
    int ud = stretched ? a.getInt(depthAt + 5) : 1;
    int uh = stretched ? a.getInt(depthAt + 6) : 1;
    int uw = stretched ? a.getInt(depthAt + 7) : 1;
    return new Window(
        deep ? axis(a, depthAt, 1, 2, 3, 4, ud) : new Axis(1, 1, 0, 0, 1),
        axis(a, at, 2, 4, 6, 8, uh),
        axis(a, at + 1, 2, 4, 6, 8, uw));
  }

  private static Axis axis(
      Attributes a, int at, int stride, int before, int after, int dilation, int up) {
    return new Axis(
        a.getInt(at),
        a.getInt(at + stride),
        a.getInt(at + before),
        a.getInt(at + after),
        a.getInt(at + dilation),
        up);
  }

  int taps() {
    return z.kernel * y.kernel * x.kernel;
  }

  /** For dims N H W or N D H W. */
  Walk walk(int[] dims) {
    return new Walk(this, dims);
  }

  /** Goes over the pixels of an output. */
  static final class Walk {
    private final Window window;
    private final int d;
    private final int h;
    private final int w;
    private final int od;
    private final int oh;
    private final int ow;
    private final int images;

    /** Of the current pixel's taps: how many lie inside, which input pixel they see, which tap. */
    int count;

    final int[] pixel;
    final int[] tap;

    private Walk(Window window, int[] dims) {
      this.window = window;
      int last = dims.length - 1;
      images = dims[0];
      d = last == 3 ? dims[1] : 1;
      h = dims[last - 1];
      w = dims[last];
      od = window.z.outputs(d);
      oh = window.y.outputs(h);
      ow = window.x.outputs(w);
      pixel = new int[window.taps()];
      tap = new int[window.taps()];
    }

    /** Pixels of the input. */
    int inputs() {
      return images * d * h * w;
    }

    /** Pixels of the output. */
    int outputs() {
      return images * od * oh * ow;
    }

    /** Lists the taps of output pixel {@code p}, in the order (kz, ky, kx). */
    void to(int p) {
      int ox = p % ow;
      int oy = p / ow % oh;
      int oz = p / ow / oh % od;
      int image = p / ow / oh / od;
      count = 0;
      for (int kz = 0; kz < window.z.kernel; kz++) {
        int iz = window.z.inside(oz, kz, d);
        for (int ky = 0; ky < window.y.kernel && iz >= 0; ky++) {
          int iy = window.y.inside(oy, ky, h);
          for (int kx = 0; kx < window.x.kernel && iy >= 0; kx++) {
            int ix = window.x.inside(ox, kx, w);
            if (ix >= 0) {
              pixel[count] = ((image * d + iz) * h + iy) * w + ix;
              tap[count++] = (kz * window.y.kernel + ky) * window.x.kernel + kx;
            }
          }
        }
      }
    }
  }
}
