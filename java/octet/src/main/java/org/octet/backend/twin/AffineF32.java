package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** AFFINE_F32: one factor and one summand a channel (a folded batch norm), then a clamp. */
final class AffineF32 implements Kernel {
  private final float[] alpha;
  private final float[] beta;
  private final float lo;
  private final float hi;

  AffineF32(Attributes a, Memory[] constants) {
    alpha = constants[0].floats(a.getInt(0));
    beta = constants[1].floats(a.getInt(0));
    lo = a.getFloat(1);
    hi = a.getFloat(2);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    float[] x = in[0].floats(dims[0] * alpha.length);
    for (int row = 0, i = 0; row < dims[0]; row++) {
      for (int c = 0; c < alpha.length; c++, i++) {
        x[i] = Fp.clamp(x[i] * alpha[c] + beta[c], lo, hi);
      }
    }
    out.put(x);
  }
}
