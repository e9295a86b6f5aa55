package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** CONCAT: joins rows; codes of other qparams are quantized again. */
final class Concat implements Kernel {
  private final Attributes a;
  private final int type;
  private final int inputs;

  Concat(Attributes a) {
    this.a = a;
    type = a.getInt(0);
    inputs = a.getInt(1);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int outer = dims[0];
    int row = 0;
    for (int i = 0; i < inputs; i++) {
      row += dims[1 + i];
    }
    float[] floats = new float[type == Attributes.F32 ? outer * row : 0];
    byte[] codes = new byte[type == Attributes.F32 ? 0 : outer * row];
    int at = 0;
    for (int i = 0; i < inputs; i++) {
      int inner = dims[1 + i];
      Object from =
          type == Attributes.F32
              ? in[i].floats(outer * inner)
              : requantized(in[i].bytes(outer * inner), i);
      Object to = type == Attributes.F32 ? floats : codes;
      for (int r = 0; r < outer; r++) {
        System.arraycopy(from, r * inner, to, r * row + at, inner);
      }
      at += inner;
    }
    if (type == Attributes.F32) {
      out.put(floats);
    } else {
      out.put(codes);
    }
  }

  private byte[] requantized(byte[] x, int input) {
    float inverseScale = a.getFloat(2);
    int zeroOut = a.getInt(3);
    int qmin = a.getInt(4);
    int qmax = a.getInt(5);
    float scale = a.getFloat(6 + 3 * input);
    int zero = a.getInt(7 + 3 * input);
    boolean same = a.getInt(8 + 3 * input) != 0;
    for (int i = 0; i < x.length; i++) {
      int code = Codes.code(x[i], type);
      if (same) {
        x[i] = (byte) Math.min(Math.max(code, qmin), qmax);
      } else {
        float real = (float) (code - zero) * scale;
        x[i] = (byte) Fp.toCode(real * inverseScale, qmin - zeroOut, qmax - zeroOut, zeroOut);
      }
    }
    return x;
  }
}
