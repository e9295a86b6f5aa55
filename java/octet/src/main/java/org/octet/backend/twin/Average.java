package org.octet.backend.twin;

import java.util.Arrays;
import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** The mean of a box of pixels, as both kinds of average pooling form it. */
final class Average {
  private final int type;
  private final int channels;
  private final int zeroPoint;
  private final int qmin;
  private final int qmax;
  private final boolean after;

  Average(int type, int channels, int zeroPoint, int qmin, int qmax, boolean after) {
    this.type = type;
    this.channels = channels;
    this.zeroPoint = zeroPoint;
    this.qmin = qmin;
    this.qmax = qmax;
    this.after = after;
  }

  /** Boxes of the outputs along one axis: [from, to) in the input, which may be empty. */
  interface Boxes {
    int from(int o);

    int to(int o);
  }

  /** What the sum is divided by. */
  interface Divisor {
    int of(int oy, int ox);
  }

  void run(int[] dims, Memory in, Memory out, Boxes rows, Boxes columns, Divisor divisor) {
    int h = dims[1];
    int w = dims[2];
    int n = dims[0] * h * w * channels;
    boolean isFloat = type == Attributes.F32;
    float[] x = isFloat ? in.floats(n) : null;
    int[] codes = isFloat ? null : Codes.centered(in.bytes(n), type, zeroPoint);
    float[] y = new float[dims[0] * dims[3] * dims[4] * channels];
    int[] sums = new int[channels];
    int at = 0;
    for (int b = 0; b < dims[0]; b++) {
      for (int oy = 0; oy < dims[3]; oy++) {
        for (int ox = 0; ox < dims[4]; ox++, at += channels) {
          Arrays.fill(sums, 0);
          int taps = 0;
          for (int iy = rows.from(oy); iy < rows.to(oy); iy++) {
            for (int ix = columns.from(ox); ix < columns.to(ox); ix++, taps++) {
              int from = ((b * h + iy) * w + ix) * channels;
              for (int c = 0; c < channels; c++) {
                if (isFloat) {
                  y[at + c] += x[from + c];
                } else {
                  sums[c] += codes[from + c];
                }
              }
            }
          }
          // A box without any tap stands for real 0, whatever its divisor.
          int count = taps == 0 ? 1 : divisor.of(oy, ox);
          for (int c = 0; c < channels; c++) {
            y[at + c] = isFloat ? y[at + c] / (float) count : (float) sums[c] * (1f / count);
          }
        }
      }
    }
    if (isFloat) {
      out.put(y);
    } else {
      byte[] q = new byte[y.length];
      float shift = after ? zeroPoint : 0;
      int offset = after ? 0 : zeroPoint;
      for (int i = 0; i < q.length; i++) {
        q[i] = (byte) Fp.toCode(y[i] + shift, qmin - offset, qmax - offset, offset);
      }
      out.put(q);
    }
  }
}
