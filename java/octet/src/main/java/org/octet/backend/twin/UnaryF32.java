package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.BackendException;
import org.octet.backend.Fp;

/** UNARY_F32: a function with two parameters at most, then a clamp. */
final class UnaryF32 implements Kernel {
  private final Function function;
  private final float lo;
  private final float hi;

  private interface Function {
    float of(float x);
  }

  UnaryF32(Attributes a) {
    float alpha = a.getFloat(3);
    float beta = a.getFloat(4);
    function =
        switch (a.getInt(0)) {
          case 0 -> x -> x;
          case 1 -> Fp::hardswish;
          case 2 -> Fp::sigmoid;
          case 3 -> Fp::tanh;
          case 4 -> Fp::hardsigmoid;
          case 5 -> Fp::gelu;
          case 6 -> Fp::geluTanh;
          case 7 -> x -> Fp.elu(x, alpha, beta);
          case 8 -> x -> x > 0 ? x : x * alpha;
          case 9 -> x -> x > alpha || x != x ? x : beta;
          default ->
              throw new BackendException(
                  "UNARY_F32 got function " + a.getInt(0) + "; expected 0 to 9.");
        };
    lo = a.getFloat(1);
    hi = a.getFloat(2);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    float[] x = in[0].floats(dims[0]);
    for (int i = 0; i < x.length; i++) {
      x[i] = Fp.clamp(function.of(x[i]), lo, hi);
    }
    out.put(x);
  }
}
