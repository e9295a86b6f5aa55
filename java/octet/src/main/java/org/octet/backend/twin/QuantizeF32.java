package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** QUANTIZE: float to 8-bit codes, optionally from channels-first to channels-last. */
final class QuantizeF32 implements Kernel {
  private final float inverseScale;
  private final int zeroPoint;
  private final int qmin;
  private final int qmax;
  private final boolean divide;
  private final float scale;
  private final boolean toChannelsLast;

  QuantizeF32(Attributes a) {
    inverseScale = a.getFloat(1);
    zeroPoint = a.getInt(2);
    qmin = a.getInt(3);
    qmax = a.getInt(4);
    divide = a.getInt(5) != 0;
    scale = a.getFloat(6);
    toChannelsLast = a.getInt(7) != 0;
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    float[] x = in[0].floats(dims[0] * dims[1] * dims[2]);
    byte[] y = new byte[x.length];
    float lo = qmin - zeroPoint;
    float hi = qmax - zeroPoint;
    for (int i = 0; i < x.length; i++) {
      float t = divide ? x[i] / scale : x[i] * inverseScale;
      y[i] = (byte) Fp.toCode(t, lo, hi, zeroPoint);
    }
    out.put(toChannelsLast ? Transpose.transpose(y, dims[0], dims[1], dims[2]) : y);
  }
}
