package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** MUL_Q8: integer product times one multiplier. */
final class MulQ8 implements Kernel {
  private final int type;
  private final int zeroA;
  private final int zeroB;
  private final float multiplier;
  private final int zeroPoint;
  private final int qmin;
  private final int qmax;

  MulQ8(Attributes a) {
    type = a.getInt(0);
    zeroA = a.getInt(1);
    zeroB = a.getInt(2);
    multiplier = a.getFloat(3);
    zeroPoint = a.getInt(4);
    qmin = a.getInt(5);
    qmax = a.getInt(6);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int[] a = Codes.centered(in[0].bytes(dims[0]), type, zeroA);
    int[] b = Codes.centered(in[1].bytes(dims[0]), type, zeroB);
    byte[] y = new byte[a.length];
    float lo = qmin - zeroPoint;
    float hi = qmax - zeroPoint;
    for (int i = 0; i < y.length; i++) {
      y[i] = (byte) Fp.toCode((float) (a[i] * b[i]) * multiplier, lo, hi, zeroPoint);
    }
    out.put(y);
  }
}
