package org.octet.backend;

import java.util.Arrays;
import java.util.List;
import org.octet.tensor.Storage;

/**
 * The memory that an operator touches for one input shape, and the checks of an operator's arguments that both backends
 * make before anything runs: no kernel reads or writes beyond these sizes, so an offset that was checked against them is
 * safe to cross with.
 *
 * @param inputs bytes of each input
 * @param output bytes of the output
 */
record Footprint(long[] inputs, long output) {
  /** Sizes for {@code dims}, which are checked. */
  static Footprint of(OpKind kind, Attributes a, int... dims) {
    checkDims(kind, a, dims);
    try {
      return sizes(kind, a, dims);
    } catch (ArithmeticException e) {
      throw new BackendException("Operator " + kind + " got dims " + Arrays.toString(dims) + ", which overflow.");
    }
  }

  private static Footprint sizes(OpKind kind, Attributes a, int[] d) {
    return switch (kind) {
      case CONV_Q8 -> {
        long out = product(d[0], outSize(d[1], a, 4, 6, 8, 10, 12), outSize(d[2], a, 5, 7, 9, 11, 13), a.getInt(3));
        yield unary(product(d[0], d[1], d[2], a.getInt(2)), out);
      }
      case CONV_F32 -> {
        long out = product(d[0], outSize(d[1], a, 2, 4, 6, 8, 10), outSize(d[2], a, 3, 5, 7, 9, 11), a.getInt(1));
        yield unary(product(4, d[0], d[1], d[2], a.getInt(0)), product(4, out));
      }
      case LINEAR_DYNAMIC_Q8 -> unary(product(4, d[0], a.getInt(0)), product(4, d[0], a.getInt(1)));
      case QUANTIZE -> unary(product(4, d[0], d[1], d[2]), product(d[0], d[1], d[2]));
      case DEQUANTIZE -> unary(product(d[0], d[1], d[2]), product(4, d[0], d[1], d[2]));
      case ADD_Q8, MUL_Q8 -> new Footprint(new long[] {d[0], d[0]}, d[0]);
      case LUT_Q8 -> unary(d[0], d[0]);
      case MAXPOOL, AVGPOOL, ADAPTIVE_AVGPOOL -> {
        int bytes = bytes(a.getInt(0));
        yield unary(
            product(bytes, d[0], d[1], d[2], a.getInt(1)), product(bytes, d[0], d[3], d[4], a.getInt(1)));
      }
      case CONCAT -> {
        int bytes = bytes(a.getInt(0));
        long[] in = new long[a.getInt(1)];
        long out = 0;
        for (int i = 0; i < in.length; i++) {
          in[i] = product(bytes, d[0], d[1 + i]);
          out = Math.addExact(out, in[i]);
        }
        yield new Footprint(in, out);
      }
      case UNARY_F32 -> unary(product(4, d[0]), product(4, d[0]));
      case BINARY_F32 -> new Footprint(new long[] {product(4, d[0]), product(4, d[0])}, product(4, d[0]));
      case AFFINE_F32 -> unary(product(4, d[0], a.getInt(0)), product(4, d[0], a.getInt(0)));
      case TRANSPOSE -> unary(product(a.getInt(0), d[0], d[1], d[2]), product(a.getInt(0), d[0], d[1], d[2]));
      case MINMAX_F32 -> unary(product(4, d[0], d[1], d[2]), product(12, d[1]));
      case HISTOGRAM_F32 -> new Footprint(new long[] {product(4, d[0]), 8}, product(4, a.getInt(0)));
    };
  }

  private static void checkDims(OpKind kind, Attributes a, int[] dims) {
    int expected =
        switch (kind) {
          case CONV_Q8, CONV_F32, QUANTIZE, DEQUANTIZE, TRANSPOSE, MINMAX_F32 -> 3;
          case MAXPOOL, AVGPOOL, ADAPTIVE_AVGPOOL -> 5;
          case CONCAT -> 1 + a.getInt(1);
          default -> 1;
        };
    boolean ok = dims.length == expected;
    for (int d : dims) {
      ok &= d >= 0;
    }
    if (!ok) {
      throw new BackendException(
          "Operator " + kind + " got dims " + Arrays.toString(dims) + "; expected " + expected
              + " that are not negative.");
    }
  }

  private static int outSize(int size, Attributes a, int kernel, int stride, int padBefore, int padAfter, int dilation) {
    int span = a.getInt(dilation) * (a.getInt(kernel) - 1) + 1;
    int room = size + a.getInt(padBefore) + a.getInt(padAfter) - span;
    return room < 0 ? 0 : room / a.getInt(stride) + 1;
  }

  private static int bytes(int type) {
    return type == Attributes.F32 || type == Attributes.S32 ? 4 : 1;
  }

  private static long product(long... factors) {
    long p = 1;
    for (long f : factors) {
      p = Math.multiplyExact(p, f);
    }
    return p;
  }

  private static Footprint unary(long in, long out) {
    return new Footprint(new long[] {in}, out);
  }

  /** Checks the number of attribute slots and the sizes of the constants. */
  static void checkSpec(OperatorSpec spec) {
    OpKind kind = spec.kind();
    Attributes a = spec.attributes();
    int slots = slots(kind);
    if (a.size() < slots || (kind == OpKind.CONCAT && a.getInt(0) != Attributes.F32 && a.size() < 6 + 3 * a.getInt(1))) {
      throw new BackendException("Operator " + kind + " got " + a.size() + " attribute slots; expected " + slots + " or more.");
    }
    switch (kind) {
      case CONV_Q8 -> checkConvolution(spec, 2);
      case CONV_F32 -> checkConvolution(spec, 0);
      case MAXPOOL -> {
        checkAtLeast(spec, 1, 1, 1, 2, 3, 4, 5, 8, 9);
        checkAtLeast(spec, 0, 6, 7);
      }
      case AVGPOOL -> {
        checkAtLeast(spec, 1, 1, 2, 3, 4, 5);
        checkAtLeast(spec, 0, 6, 7, 8, 9, 11);
      }
      case ADAPTIVE_AVGPOOL, HISTOGRAM_F32 -> checkAtLeast(spec, 1, kind == OpKind.HISTOGRAM_F32 ? 0 : 1);
      case CONCAT -> checkAtLeast(spec, 1, 1);
      default -> {}
    }
    switch (kind) {
      case CONV_Q8 -> {
        int n = a.getInt(3);
        check(spec, 0, true, product(n, a.getInt(4), a.getInt(5), a.getInt(2) / a.getInt(14)));
        check(spec, 1, true, product(4, n));
        check(spec, 2, false, product(4, n));
        check(spec, 3, false, product(4, n));
      }
      case CONV_F32 -> {
        int n = a.getInt(1);
        check(spec, 0, true, product(4, n, a.getInt(2), a.getInt(3), a.getInt(0) / a.getInt(12)));
        check(spec, 1, false, product(4, n));
      }
      case LINEAR_DYNAMIC_Q8 -> {
        int n = a.getInt(1);
        check(spec, 0, true, product(n, a.getInt(0)));
        check(spec, 1, true, product(4, n));
        check(spec, 2, false, product(4, n));
        check(spec, 3, false, product(4, n));
      }
      case LUT_Q8 -> check(spec, 0, true, 256);
      case AFFINE_F32 -> {
        check(spec, 0, true, product(4, a.getInt(0)));
        check(spec, 1, true, product(4, a.getInt(0)));
      }
      default -> {}
    }
  }

  /** {@code Cin Cout KH KW SH SW four pads DH DW groups} from slot {@code at}. */
  private static void checkConvolution(OperatorSpec spec, int at) {
    checkAtLeast(spec, 1, at, at + 1, at + 2, at + 3, at + 4, at + 5, at + 10, at + 11, at + 12);
    checkAtLeast(spec, 0, at + 6, at + 7, at + 8, at + 9);
    Attributes a = spec.attributes();
    if (a.get(at) % a.get(at + 12) != 0 || a.get(at + 1) % a.get(at + 12) != 0) {
      throw new BackendException(
          "Operator " + spec.kind() + " got " + a.get(at + 12) + " groups; expected a divisor of " + a.get(at)
              + " input and " + a.get(at + 1) + " output channels.");
    }
  }

  private static void checkAtLeast(OperatorSpec spec, long least, int... slots) {
    for (int slot : slots) {
      long value = spec.attributes().get(slot);
      if (value < least || value > Integer.MAX_VALUE) {
        throw new BackendException(
            "Operator " + spec.kind() + " got " + value + " in attribute slot " + slot + "; expected " + least + " or more.");
      }
    }
  }

  private static int slots(OpKind kind) {
    return switch (kind) {
      case CONV_Q8 -> 19;
      case CONV_F32 -> 15;
      case LINEAR_DYNAMIC_Q8, CONCAT -> 6;
      case QUANTIZE -> 8;
      case DEQUANTIZE -> 4;
      case ADD_Q8 -> 9;
      case MUL_Q8 -> 7;
      case LUT_Q8 -> 0;
      case MAXPOOL -> 10;
      case AVGPOOL -> 15;
      case ADAPTIVE_AVGPOOL -> 5;
      case UNARY_F32, BINARY_F32, AFFINE_F32 -> 3;
      case TRANSPOSE, MINMAX_F32, HISTOGRAM_F32 -> 1;
    };
  }

  private static void check(OperatorSpec spec, int index, boolean required, long bytes) {
    List<Storage> constants = spec.constants();
    Storage s = index < constants.size() ? constants.get(index) : null;
    if (s == null ? required : s.bytes() < bytes) {
      throw new BackendException(
          "Operator " + spec.kind() + " got " + (s == null ? "no" : s.bytes() + " bytes for") + " constant " + index
              + "; expected " + bytes + " bytes.");
    }
  }

  /** Checks the buffers of a run. */
  void check(OpKind kind, Storage[] in, long[] offsets, Storage out, long outOffset) {
    if (in.length < inputs.length) {
      throw new BackendException("Operator " + kind + " got " + in.length + " inputs; expected " + inputs.length + ".");
    }
    for (int i = 0; i < inputs.length; i++) {
      if (offsets[i] < 0 || offsets[i] > in[i].bytes() - inputs[i]) {
        checkBounds("input " + i + " of operator " + kind, offsets[i], inputs[i], in[i].bytes());
      }
    }
    if (outOffset < 0 || outOffset > out.bytes() - output) {
      checkBounds("output of operator " + kind, outOffset, output, out.bytes());
    }
  }

  /** Scratch memory must stand on 64 bytes, as storages themselves do. */
  static void checkScratch(long offset, long bytes, long available) {
    checkBounds("scratch memory", offset, bytes, available);
    if (offset % 64 != 0) {
      throw new BackendException("The scratch memory stands at byte " + offset + "; expected a multiple of 64.");
    }
  }

  /** Checks one buffer. */
  static void checkBounds(String what, long offset, long bytes, long available) {
    if (offset < 0 || offset > available - bytes) {
      throw new BackendException(
          "The " + what + " stands at byte " + offset + " and takes " + bytes + " bytes; its storage has " + available + ".");
    }
  }
}
