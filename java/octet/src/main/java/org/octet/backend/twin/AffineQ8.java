package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/**
 * AFFINE_Q8: one factor and one summand a channel (a batch norm), in units of the result's code.
 */
final class AffineQ8 implements Kernel {
  private final float[] alpha;
  private final float[] beta;
  private final int type;
  private final int zeroIn;
  private final int zeroPoint;
  private final float lo;
  private final float hi;

  AffineQ8(Attributes a, Memory[] constants) {
    type = a.getInt(0);
    alpha = constants[0].floats(a.getInt(1));
    beta = constants[1].floats(a.getInt(1));
    zeroIn = a.getInt(2);
    zeroPoint = a.getInt(3);
    lo = a.getInt(4) - zeroPoint;
    hi = a.getInt(5) - zeroPoint;
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int[] x = Codes.centered(in[0].bytes(dims[0] * alpha.length), type, zeroIn);
    byte[] y = new byte[x.length];
    for (int row = 0, i = 0; row < dims[0]; row++) {
      for (int c = 0; c < alpha.length; c++, i++) {
        y[i] = (byte) Fp.toCode((float) x[i] * alpha[c] + beta[c], lo, hi, zeroPoint);
      }
    }
    out.put(y);
  }
}
