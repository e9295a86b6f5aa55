package org.octet.backend.twin;

import org.octet.backend.Attributes;

/** TRANSPOSE: [N][R][S] to [N][S][R], elements of any size. */
final class Transpose implements Kernel {
  private final int bytes;

  Transpose(Attributes a) {
    bytes = a.getInt(0);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int n = dims[0] * dims[1] * dims[2];
    if (bytes == 1) {
      out.put(transpose(in[0].bytes(n), dims[0], dims[1], dims[2]));
    } else if (bytes != 4) {
      byte[] x = in[0].bytes(n * bytes);
      byte[] y = new byte[x.length];
      int[] from = order(dims[0], dims[1], dims[2]);
      for (int i = 0; i < n; i++) {
        System.arraycopy(x, from[i] * bytes, y, i * bytes, bytes);
      }
      out.put(y);
    } else {
      // As ints: moving a float would be free to change the bits of a NaN.
      int[] x = in[0].ints(n);
      int[] y = new int[n];
      int[] from = order(dims[0], dims[1], dims[2]);
      for (int i = 0; i < n; i++) {
        y[i] = x[from[i]];
      }
      out.put(y);
    }
  }

  static byte[] transpose(byte[] x, int n, int r, int s) {
    byte[] y = new byte[x.length];
    int[] from = order(n, r, s);
    for (int i = 0; i < y.length; i++) {
      y[i] = x[from[i]];
    }
    return y;
  }

  static float[] transpose(float[] x, int n, int r, int s) {
    float[] y = new float[x.length];
    int[] from = order(n, r, s);
    for (int i = 0; i < y.length; i++) {
      y[i] = x[from[i]];
    }
    return y;
  }

  /** For each element of the result the index of its source. */
  private static int[] order(int n, int r, int s) {
    int[] from = new int[n * r * s];
    int at = 0;
    for (int b = 0; b < n; b++) {
      for (int j = 0; j < s; j++) {
        for (int i = 0; i < r; i++) {
          from[at++] = (b * r + i) * s + j;
        }
      }
    }
    return from;
  }
}
