package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** SOFTMAX of each row, of floats or of codes. */
final class Softmax implements Kernel {
  private final int type;
  private final int n;
  private final float scale;
  private final float inverseScale;
  private final int zeroPoint;
  private final float lo;
  private final float hi;

  Softmax(Attributes a) {
    type = a.getInt(0);
    n = a.getInt(1);
    scale = a.getFloat(2);
    inverseScale = a.getFloat(3);
    zeroPoint = a.getInt(4);
    lo = a.getInt(5) - zeroPoint;
    hi = a.getInt(6) - zeroPoint;
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    if (type == Attributes.F32) {
      float[] x = in[0].floats(dims[0] * n);
      for (int at = 0; at < x.length; at += n) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = at; i < at + n; i++) {
          largest = x[i] > largest ? x[i] : largest;
        }
        for (int i = at; i < at + n; i++) {
          x[i] -= largest;
        }
        row(x, at);
      }
      out.put(x);
      return;
    }
    byte[] codes = in[0].bytes(dims[0] * n);
    float[] t = new float[n];
    for (int at = 0; at < codes.length; at += n) {
      int largest = Byte.MIN_VALUE;
      for (int i = at; i < at + n; i++) {
        largest = Math.max(largest, Codes.code(codes[i], type));
      }
      for (int i = 0; i < n; i++) {
        t[i] = (float) (Codes.code(codes[at + i], type) - largest) * scale;
      }
      row(t, 0);
      for (int i = 0; i < n; i++) {
        codes[at + i] = (byte) Fp.toCode(t[i] * inverseScale, lo, hi, zeroPoint);
      }
    }
    out.put(codes);
  }

  /** From differences to the largest element. */
  private void row(float[] t, int at) {
    float[] lanes = new float[16];
    for (int i = 0; i < n; i++) {
      t[at + i] = Fp.expOrZero(t[at + i]);
      lanes[i & 15] += t[at + i];
    }
    float factor = 1f / Fp.sum16(lanes);
    for (int i = at; i < at + n; i++) {
      t[i] *= factor;
    }
  }
}
