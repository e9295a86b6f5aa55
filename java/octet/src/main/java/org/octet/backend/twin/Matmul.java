package org.octet.backend.twin;

import java.util.Arrays;
import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** MATMUL_F32 and MATMUL_Q8: products of two activations, matrix by matrix. */
final class Matmul implements Kernel {
  private final boolean transposeB;
  private final boolean codes;
  private final int typeA;
  private final int typeB;
  private final int typeOut;
  private final int zeroA;
  private final int zeroB;
  private final int zeroPoint;
  private final float multiplier;
  private final float lo;
  private final float hi;

  Matmul(Attributes a, boolean codes) {
    this.codes = codes;
    transposeB = a.get(0) != 0;
    typeA = codes ? a.getInt(1) : Attributes.F32;
    typeB = codes ? a.getInt(2) : Attributes.F32;
    typeOut = codes ? a.getInt(3) : Attributes.F32;
    zeroA = codes ? a.getInt(4) : 0;
    zeroB = codes ? a.getInt(5) : 0;
    multiplier = codes ? a.getFloat(6) : 1f;
    zeroPoint = codes ? a.getInt(7) : 0;
    lo = codes ? a.getInt(8) - zeroPoint : a.getFloat(1);
    hi = codes ? a.getInt(9) - zeroPoint : a.getFloat(2);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int batch = dims[0];
    int m = dims[1];
    int k = dims[2];
    int n = dims[3];
    if (!codes) {
      out.put(floats(in[0].floats(batch * m * k), in[1].floats(batch * k * n), batch, m, k, n));
      return;
    }
    int[] a = Codes.centered(in[0].bytes(batch * m * k), typeA, zeroA);
    int[] b = Codes.centered(in[1].bytes(batch * k * n), typeB, zeroB);
    if (transposeB) {
      b = columns(b, batch, n, k);
    }
    float[] y = new float[batch * m * n];
    int[] acc = new int[n];
    for (int row = 0; row < batch * m; row++) {
      Arrays.fill(acc, 0);
      for (int i = 0; i < k; i++) {
        int x = a[row * k + i];
        int at = (row / m * k + i) * n;
        for (int j = 0; j < n; j++) {
          acc[j] += x * b[at + j];
        }
      }
      for (int j = 0; j < n; j++) {
        y[row * n + j] = (float) acc[j] * multiplier;
      }
    }
    if (typeOut == Attributes.F32) {
      out.put(y);
      return;
    }
    byte[] q = new byte[y.length];
    for (int i = 0; i < q.length; i++) {
      q[i] = (byte) Fp.toCode(y[i], lo, hi, zeroPoint);
    }
    out.put(q);
  }

  private float[] floats(float[] a, float[] right, int batch, int m, int k, int n) {
    float[] b = transposeB ? Transpose.transpose(right, batch, n, k) : right;
    float[] y = new float[batch * m * n];
    for (int row = 0; row < batch * m; row++) {
      for (int i = 0; i < k; i++) {
        float x = a[row * k + i];
        int at = (row / m * k + i) * n;
        for (int j = 0; j < n; j++) {
          y[row * n + j] = Fp.fma(x, b[at + j], y[row * n + j]);
        }
      }
    }
    for (int i = 0; i < y.length; i++) {
      y[i] = Fp.clamp(y[i], lo, hi);
    }
    return y;
  }

  /** [batch][n][k] to [batch][k][n]. */
  private static int[] columns(int[] x, int batch, int n, int k) {
    int[] y = new int[x.length];
    for (int b = 0, at = 0; b < batch; b++) {
      for (int i = 0; i < k; i++) {
        for (int j = 0; j < n; j++) {
          y[at++] = x[(b * n + j) * k + i];
        }
      }
    }
    return y;
  }
}
