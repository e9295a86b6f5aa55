package org.octet.backend.twin;

import org.octet.backend.Attributes;

/**
 * The window of a convolution over [N][D][H][W]; depth is 1 where dims and attributes have none.
 * Taps outside of the input are skipped.
 */
record Window(Axis z, Axis y, Axis x) {
  /** The window along one axis. */
  record Axis(int kernel, int stride, int before, int after, int dilation) {
    int outputs(int size) {
      int room = size + before + after - dilation * (kernel - 1) - 1;
      return room < 0 ? 0 : room / stride + 1;
    }

    int at(int output, int tap) {
      return output * stride - before + tap * dilation;
    }
  }

  /**
   * Reads {KH KW SH SW pad_top pad_left pad_bottom pad_right DH DW} from slot {@code at} and, if
   * there are that many, {KD SD pad_front pad_back DD} from {@code depthAt}.
   */
  static Window of(Attributes a, int at, int depthAt) {
    boolean deep = a.size() >= depthAt + 5;
    return new Window(
        deep ? axis(a, depthAt, 1, 2, 3, 4) : new Axis(1, 1, 0, 0, 1),
        axis(a, at, 2, 4, 6, 8),
        axis(a, at + 1, 2, 4, 6, 8));
  }

  private static Axis axis(Attributes a, int at, int stride, int before, int after, int dilation) {
    return new Axis(
        a.getInt(at),
        a.getInt(at + stride),
        a.getInt(at + before),
        a.getInt(at + after),
        a.getInt(at + dilation));
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
        int iz = window.z.at(oz, kz);
        for (int ky = 0; ky < window.y.kernel && iz >= 0 && iz < d; ky++) {
          int iy = window.y.at(oy, ky);
          for (int kx = 0; kx < window.x.kernel && iy >= 0 && iy < h; kx++) {
            int ix = window.x.at(ox, kx);
            if (ix >= 0 && ix < w) {
              pixel[count] = ((image * d + iz) * h + iy) * w + ix;
              tap[count++] = (kz * window.y.kernel + ky) * window.x.kernel + kx;
            }
          }
        }
      }
    }
  }
}
