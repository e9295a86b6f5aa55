package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.BackendException;
import org.octet.backend.Fp;

/** BINARY_F32: sum or product, then a clamp. */
final class BinaryF32 implements Kernel {
  private final boolean add;
  private final float lo;
  private final float hi;

  BinaryF32(Attributes a) {
    if (a.get(0) != 0 && a.get(0) != 1) {
      throw new BackendException("BINARY_F32 got function " + a.get(0) + "; expected 0 or 1.");
    }
    add = a.get(0) == 0;
    lo = a.getFloat(1);
    hi = a.getFloat(2);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    float[] x = in[0].floats(dims[0]);
    float[] y = in[1].floats(dims[0]);
    for (int i = 0; i < x.length; i++) {
      x[i] = Fp.clamp(add ? x[i] + y[i] : x[i] * y[i], lo, hi);
    }
    out.put(x);
  }
}
