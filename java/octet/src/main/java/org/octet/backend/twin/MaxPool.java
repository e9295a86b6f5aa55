package org.octet.backend.twin;

import java.util.Arrays;
import org.octet.backend.Attributes;

/** MAXPOOL: padding never wins; NaN wins. */
final class MaxPool implements Kernel {
  private final int type;
  private final int channels;
  private final Window.Axis axisY;
  private final Window.Axis axisX;

  MaxPool(Attributes a) {
    type = a.getInt(0);
    channels = a.getInt(1);
    axisY = new Window.Axis(a.getInt(2), a.getInt(4), a.getInt(6), 0, a.getInt(8));
    axisX = new Window.Axis(a.getInt(3), a.getInt(5), a.getInt(7), 0, a.getInt(9));
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int n = dims[0] * dims[1] * dims[2] * channels;
    int[] taps = taps(dims);
    if (type == Attributes.F32) {
      out.put(floats(in[0].floats(n), taps));
    } else {
      out.put(codes(in[0].bytes(n), taps));
    }
  }

  /** For each output pixel and tap the index of the input pixel's first channel, or -1 outside. */
  private int[] taps(int[] dims) {
    int h = dims[1];
    int w = dims[2];
    long count =
        Math.multiplyExact(
            (long) dims[0] * dims[3] * dims[4], (long) axisY.kernel() * axisX.kernel());
    int[] taps = new int[Math.toIntExact(count)];
    int at = 0;
    for (int b = 0; b < dims[0]; b++) {
      for (int oy = 0; oy < dims[3]; oy++) {
        for (int ox = 0; ox < dims[4]; ox++) {
          for (int ky = 0; ky < axisY.kernel(); ky++) {
            int iy = axisY.at(oy, ky);
            for (int kx = 0; kx < axisX.kernel(); kx++) {
              int ix = axisX.at(ox, kx);
              boolean inside = iy >= 0 && iy < h && ix >= 0 && ix < w;
              taps[at++] = inside ? ((b * h + iy) * w + ix) * channels : -1;
            }
          }
        }
      }
    }
    return taps;
  }

  private float[] floats(float[] x, int[] taps) {
    int k = axisY.kernel() * axisX.kernel();
    float[] y = new float[taps.length / k * channels];
    Arrays.fill(y, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < taps.length; i++) {
      int to = i / k * channels;
      for (int c = 0; c < channels && taps[i] >= 0; c++) {
        float v = x[taps[i] + c];
        y[to + c] = v > y[to + c] || v != v ? v : y[to + c];
      }
    }
    return y;
  }

  private byte[] codes(byte[] x, int[] taps) {
    int k = axisY.kernel() * axisX.kernel();
    // Flipping the top bit of u8 makes its order that of signed bytes.
    int flip = type == Attributes.U8 ? 0x80 : 0;
    byte[] y = new byte[taps.length / k * channels];
    Arrays.fill(y, Byte.MIN_VALUE);
    for (int i = 0; i < taps.length; i++) {
      int to = i / k * channels;
      for (int c = 0; c < channels && taps[i] >= 0; c++) {
        y[to + c] = (byte) Math.max(y[to + c], (byte) (x[taps[i] + c] ^ flip));
      }
    }
    for (int i = 0; i < y.length; i++) {
      y[i] ^= (byte) flip;
    }
    return y;
  }
}
