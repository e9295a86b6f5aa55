package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** ADD_Q8: both sides are brought to real values, added and quantized. */
final class AddQ8 implements Kernel {
  private final int type;
  private final float scaleA;
  private final int zeroA;
  private final float scaleB;
  private final int zeroB;
  private final float inverseScale;
  private final int zeroPoint;
  private final int qmin;
  private final int qmax;

  AddQ8(Attributes a) {
    type = a.getInt(0);
    scaleA = a.getFloat(1);
    zeroA = a.getInt(2);
    scaleB = a.getFloat(3);
    zeroB = a.getInt(4);
    inverseScale = a.getFloat(5);
    zeroPoint = a.getInt(6);
    qmin = a.getInt(7);
    qmax = a.getInt(8);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int[] a = Codes.centered(in[0].bytes(dims[0]), type, zeroA);
    int[] b = Codes.centered(in[1].bytes(dims[0]), type, zeroB);
    byte[] y = new byte[a.length];
    float lo = qmin - zeroPoint;
    float hi = qmax - zeroPoint;
    for (int i = 0; i < y.length; i++) {
      float sum = (float) a[i] * scaleA + (float) b[i] * scaleB;
      y[i] = (byte) Fp.toCode(sum * inverseScale, lo, hi, zeroPoint);
    }
    out.put(y);
  }
}
