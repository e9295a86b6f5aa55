package org.octet.backend;

import java.util.Random;

/** Random 8-bit convolutions, some with a residual input, for {@link OperatorCase}. */
final class ResidualCases {
  private ResidualCases() {}

  static OperatorCase make(OperatorCase.Maker m, String text) {
    OperatorCase c = m.convQ8(text);
    return m.r.nextInt(3) == 0 ? withResidual(m, c) : c;
  }

  private static OperatorCase withResidual(OperatorCase.Maker m, OperatorCase c) {
    Attributes plain = c.attributes();
    int[] dims = c.dims();
    OperatorCase.Maker next = new OperatorCase.Maker(m.r, m.fill);
    for (int i = 0; i < plain.size(); i++) {
      next.a.ints(plain.get(i));
    }
    if (plain.size() == 19) {
      next.a.ints(1, 1, 0, 0, 1);
      dims = new int[] {dims[0], 1, dims[1], dims[2]};
    }
    if (plain.size() < 27) {
      next.a.ints(1, 1, 1);
    }
    int bytes = (int) Footprint.of(OpKind.CONV_Q8, next.a.build(), dims).output();
    Random r = m.r;
    int type = plain.getInt(1);
    next.a.ints(r.nextInt(2)).floats(m.scale(), m.scale()).ints(m.zero(type));
    next.a.floats(r.nextInt(10) == 0 ? 1e12f : 1f / m.scale());
    next.codeRange(type);
    byte[] residual = m.values(type, bytes);
    return next.done(OpKind.CONV_Q8, c.constants(), dims, false, c.text(), c.inputs()[0], residual);
  }
}
