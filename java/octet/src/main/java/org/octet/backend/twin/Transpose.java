package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.BackendException;

/** TRANSPOSE: [N][R][S] to [N][S][R], elements of 1 or 4 bytes. */
final class Transpose implements Kernel {
  private final int bytes;

  Transpose(Attributes a) {
    bytes = a.getInt(0);
    if (bytes != 1 && bytes != 4) {
      throw new BackendException("TRANSPOSE got elements of " + bytes + " bytes; expected 1 or 4.");
    }
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int n = dims[0] * dims[1] * dims[2];
    if (bytes == 1) {
      out.put(transpose(in[0].bytes(n), dims[0], dims[1], dims[2]));
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
