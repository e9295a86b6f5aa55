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

  /** What a convolution's result and its residual are summed by, from the slots of CONV_Q8. */
  static AddQ8 ofResidual(Attributes conv, int at) {
    long[] product = {conv.get(at + 1), conv.get(16)};
    long[] residual = {conv.get(at + 2), conv.get(at + 3)};
    boolean first = conv.get(at) == 0;
    Attributes.Builder a = Attributes.builder().ints(conv.get(1));
    a.ints(first ? product : residual).ints(first ? residual : product);
    for (int i = 4; i < 8; i++) {
      a.ints(conv.get(at + i));
    }
    return new AddQ8(a.build());
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    out.put(sum(in[0].bytes(dims[0]), in[1].bytes(dims[0])));
  }

  byte[] sum(byte[] first, byte[] second) {
    int[] a = Codes.centered(first, type, zeroA);
    int[] b = Codes.centered(second, type, zeroB);
    byte[] y = new byte[a.length];
    float lo = qmin - zeroPoint;
    float hi = qmax - zeroPoint;
    for (int i = 0; i < y.length; i++) {
      float sum = (float) a[i] * scaleA + (float) b[i] * scaleB;
      y[i] = (byte) Fp.toCode(sum * inverseScale, lo, hi, zeroPoint);
    }
    return y;
  }
}
