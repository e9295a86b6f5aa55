package org.octet.backend.twin;

import org.octet.backend.Attributes;

/** DEQUANTIZE: 8-bit codes to float, optionally from channels-last to channels-first. */
final class DequantizeQ8 implements Kernel {
  private final int type;
  private final float scale;
  private final int zeroPoint;
  private final boolean toChannelsFirst;

  DequantizeQ8(Attributes a) {
    type = a.getInt(0);
    scale = a.getFloat(1);
    zeroPoint = a.getInt(2);
    toChannelsFirst = a.getInt(3) != 0;
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int[] x = Codes.centered(in[0].bytes(dims[0] * dims[1] * dims[2]), type, zeroPoint);
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = (float) x[i] * scale;
    }
    // The input is [N][S][C], the output [N][C][S].
    out.put(toChannelsFirst ? Transpose.transpose(y, dims[0], dims[2], dims[1]) : y);
  }
}
