package org.octet.backend;

import java.util.Arrays;
import org.octet.tensor.Storage;

/**
 * The memory that an operator touches for one input shape, and the checks of an operator's
 * arguments that both backends make before anything runs: no kernel reads or writes beyond these
 * sizes, so an offset that was checked against them is safe to cross with.
 *
 * @param inputs bytes of each input
 * @param output bytes of the output
 * @param inputAlignment bytes of an element of the inputs: their offsets are multiples of it
 * @param outputAlignment the same for the output
 */
record Footprint(long[] inputs, long output, int inputAlignment, int outputAlignment) {
  /** What a storage can hold. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - Storage.READABLE_PAST_END;

  /** Outputs of convolutions and pools along one axis: a context keeps some bytes for each. */
  private static final long MOST_OUTPUTS = 1 << 24;

  /** Codes that are normalised together: their sums stay exact. */
  private static final long MOST_NORMALIZED = 1 << 22;

  /** Sizes for {@code dims}, which are checked. */
  static Footprint of(OpKind kind, Attributes a, int... dims) {
    checkDims(kind, a, dims);
    try {
      return sizes(kind, a, dims);
    } catch (ArithmeticException e) {
      throw new BackendException(
          "Operator " + kind + " got dims " + Arrays.toString(dims) + ": " + e.getMessage() + ".");
    }
  }

  private static Footprint sizes(OpKind kind, Attributes a, int[] d) {
    return switch (kind) {
      case CONV_Q8 -> {
        Footprint y = convolution(a, d, 1, 2, 19);
        boolean residual = a.size() > SpecCheck.RESIDUAL_Q8;
        yield residual ? new Footprint(new long[] {y.inputs[0], y.output}, y.output, 1, 1) : y;
      }
      case CONV_F32 -> convolution(a, d, 4, 0, 15);
      case CONV_WEIGHT_GRAD -> {
        Footprint y = convolution(a, d, 4, 0, 15);
        long weights = product(a.getInt(1), a.getInt(2), a.getInt(3), a.getInt(0) / a.getInt(12));
        yield new Footprint(new long[] {y.inputs[0], y.output}, product(4, weights), 4, 4);
      }
      case LINEAR_DYNAMIC_Q8 ->
          unary(product(4, d[0], a.getInt(0)), 4, product(4, d[0], a.getInt(1)), 4);
      case LINEAR_WEIGHT_ONLY ->
          unary(product(4, d[0], a.getInt(0)), 4, product(4, d[0], a.getInt(1)), 4);
      case QUANTIZE -> unary(product(4, d[0], d[1], d[2]), 4, product(d[0], d[1], d[2]), 1);
      case DEQUANTIZE -> unary(product(d[0], d[1], d[2]), 1, product(4, d[0], d[1], d[2]), 4);
      case ADD_Q8, MUL_Q8 -> binary(product(d[0]), 1);
      case LUT_Q8 -> unary(product(d[0]), 1, d[0], 1);
      case MAXPOOL -> {
        checkWindows(d[1], d[3], a, 2, 4, 6, 6, 8);
        checkWindows(d[2], d[4], a, 3, 5, 7, 7, 9);
        yield pool(a, d);
      }
      case AVGPOOL -> {
        checkWindows(d[1], d[3], a, 2, 4, 6, 8, -1);
        checkWindows(d[2], d[4], a, 3, 5, 7, 9, -1);
        yield pool(a, d);
      }
      case ADAPTIVE_AVGPOOL -> pool(a, d);
      case CONCAT -> {
        int bytes = bytes(a.getInt(0));
        long[] in = new long[a.getInt(1)];
        long row = 0;
        for (int i = 0; i < in.length; i++) {
          in[i] = product(bytes, d[0], d[1 + i]);
          row += d[1 + i];
        }
        yield new Footprint(in, product(bytes, d[0], row), bytes, bytes);
      }
      case UNARY_F32 -> unary(product(4, d[0]), 4, product(4, d[0]), 4);
      case BINARY_F32 -> binary(product(4, d[0]), 4);
      case AFFINE_F32 -> unary(product(4, d[0], a.getInt(0)), 4, product(4, d[0], a.getInt(0)), 4);
      case AFFINE_Q8 -> unary(product(d[0], a.getInt(1)), 1, product(d[0], a.getInt(1)), 1);
      case MATMUL_F32 -> matmul(d, 4, 4);
      case MATMUL_Q8 -> matmul(d, 1, bytes(a.getInt(3)));
      case SOFTMAX -> rows(a, d[0]);
      case GROUP_NORM -> {
        long part = product(d[1], a.getInt(1) / a.getInt(2));
        if (a.getInt(0) != Attributes.F32 && part > MOST_NORMALIZED) {
          throw new ArithmeticException(
              part + " codes are normalised together; the limit is " + MOST_NORMALIZED);
        }
        yield rows(a, d[0], d[1]);
      }
      case TRANSPOSE -> {
        long bytes = product(a.getInt(0), d[0], d[1], d[2]);
        int alignment = a.getInt(0) == 4 ? 4 : 1;
        yield unary(bytes, alignment, bytes, alignment);
      }
      case MINMAX_F32 -> unary(product(4, d[0], d[1], d[2]), 4, product(12, d[1]), 4);
      case HISTOGRAM_F32 ->
          new Footprint(new long[] {product(4, d[0]), 8}, product(4, a.getInt(0)), 4, 4);
      case FAKE_QUANTIZE -> {
        long bytes = product(4, d[0], d[1], d[2]);
        long state = product(16, d[1]);
        // Both together must fit one storage.
        yield new Footprint(new long[] {bytes, state}, product(1, bytes + state), 4, 4);
      }
      case FAKE_QUANTIZE_GRAD -> {
        long bytes = product(4, d[0], d[1], d[2]);
        yield new Footprint(new long[] {bytes, bytes, product(16, d[1])}, bytes, 4, 4);
      }
    };
  }

  /**
   * {@code Cin Cout KH ...} stand from slot {@code at}, {@code KD ...} from {@code depthAt}; dims
   * are N H W or N D H W.
   */
  private static Footprint convolution(Attributes a, int[] d, int bytes, int at, int depthAt) {
    int last = d.length - 1;
    int depth = last == 3 ? d[1] : 1;
    boolean up = a.size() - 8 >= depthAt;
    long od =
        last == 3
            ? outSize(
                stretched(depth, up ? a.get(depthAt + 5) : 1),
                a,
                depthAt,
                depthAt + 1,
                depthAt + 2,
                depthAt + 3,
                depthAt + 4)
            : 1;
    int h = stretched(d[last - 1], up ? a.get(depthAt + 6) : 1);
    int w = stretched(d[last], up ? a.get(depthAt + 7) : 1);
    long oh = outSize(h, a, at + 2, at + 4, at + 6, at + 8, at + 10);
    long ow = outSize(w, a, at + 3, at + 5, at + 7, at + 9, at + 11);
    long in = product(bytes, d[0], depth, d[last - 1], d[last], a.getInt(at));
    return unary(in, bytes, product(bytes, d[0], od, oh, ow, a.getInt(at + 1)), bytes);
  }

  /** From one value to the next it is {@code up} places. */
  private static int stretched(int size, long up) {
    return size == 0 ? 0 : Math.toIntExact(Math.addExact(Math.multiplyExact(size - 1L, up), 1));
  }

  /** {@code counts} rows of as many elements as slot 1 says, in and out. */
  private static Footprint rows(Attributes a, int... counts) {
    int bytes = bytes(a.getInt(0));
    long all = product(bytes, a.getInt(1));
    for (int n : counts) {
      all = product(all, n);
    }
    if (counts.length > 1) {
      product(bytes, a.getInt(1), counts[0], counts[1]); // a zero does not excuse the others
    }
    return unary(all, bytes, all, bytes);
  }

  private static Footprint matmul(int[] d, int bytes, int outBytes) {
    if (d[2] < 1) {
      throw new ArithmeticException("the products have no terms");
    }
    long[] in = {product(bytes, d[0], d[1], d[2]), product(bytes, d[0], d[2], d[3])};
    return new Footprint(in, product(outBytes, d[0], d[1], d[3]), bytes, outBytes);
  }

  private static Footprint pool(Attributes a, int[] d) {
    int bytes = bytes(a.getInt(0));
    long in = product(bytes, d[0], d[1], d[2], a.getInt(1));
    outputs(d[3]);
    outputs(d[4]);
    return unary(in, bytes, product(bytes, d[0], d[3], d[4], a.getInt(1)), bytes);
  }

  private static void checkDims(OpKind kind, Attributes a, int[] dims) {
    int expected =
        switch (kind) {
          case CONV_Q8 -> a.size() >= SpecCheck.DEEP_Q8 ? 4 : 3;
          case CONV_F32 -> a.size() >= SpecCheck.DEEP_F32 ? 4 : 3;
          case QUANTIZE,
              DEQUANTIZE,
              TRANSPOSE,
              CONV_WEIGHT_GRAD,
              MINMAX_F32,
              FAKE_QUANTIZE,
              FAKE_QUANTIZE_GRAD ->
              3;
          case MAXPOOL, AVGPOOL, ADAPTIVE_AVGPOOL -> 5;
          case CONCAT -> 1 + a.getInt(1);
          case GROUP_NORM -> 2;
          case MATMUL_F32, MATMUL_Q8 -> 4;
          default -> 1;
        };
    boolean ok = dims.length == expected;
    for (int d : dims) {
      ok &= d >= 0;
    }
    if (!ok) {
      throw new BackendException(
          "Operator "
              + kind
              + " got dims "
              + Arrays.toString(dims)
              + "; expected "
              + expected
              + " that are not negative.");
    }
    if (kind == OpKind.MINMAX_F32 && a.get(0) == 0 && dims[1] != 1) {
      throw new BackendException(
          "Operator MINMAX_F32 got dims "
              + Arrays.toString(dims)
              + "; expected one channel, or per_channel set.");
    }
  }

  private static long outSize(
      int size, Attributes a, int kernel, int stride, int padBefore, int padAfter, int dilation) {
    long padded = padded(size, a.get(padBefore), a.get(padAfter));
    long span = a.get(dilation) * (a.get(kernel) - 1) + 1;
    if (span > padded) {
      throw new ArithmeticException(
          "a kernel that spans "
              + span
              + " is larger than its input of "
              + padded
              + ", padding included");
    }
    return outputs((padded - span) / a.get(stride) + 1);
  }

  private static long outputs(long n) {
    if (n > MOST_OUTPUTS) {
      throw new ArithmeticException(
          "an axis would have " + n + " outputs; the limit is " + MOST_OUTPUTS);
    }
    return n;
  }

  private static long padded(long size, long before, long after) {
    if (size + before + after > Integer.MAX_VALUE) {
      throw new ArithmeticException(
          "with padding an axis is " + (size + before + after) + " long, more than 2^31 - 1");
    }
    return size + before + after;
  }

  /**
   * Positions of windows must fit an int: the outputs are given, not computed. {@code dilation} may
   * be -1: there is none.
   */
  private static void checkWindows(
      int size,
      int outputs,
      Attributes a,
      int kernel,
      int stride,
      int padBefore,
      int padAfter,
      int dilation) {
    padded(size, a.get(padBefore), a.get(padAfter));
    // The factors are below 2^31, so neither product overflows; their sum may, to a negative
    // number.
    long end =
        a.get(stride) * Math.max(0, outputs - 1)
            + a.get(kernel) * (dilation < 0 ? 1 : a.get(dilation));
    if (end < 0 || end > Integer.MAX_VALUE) {
      throw new ArithmeticException("the last of " + outputs + " windows ends beyond 2^31 - 1");
    }
  }

  private static int bytes(int type) {
    return type == Attributes.F32 ? 4 : 1;
  }

  /**
   * The product, where a zero does not excuse the other factors: no index that is made of them may
   * overflow.
   */
  static long product(long... factors) {
    long p = 1;
    boolean empty = false;
    for (long f : factors) {
      empty |= f == 0;
      p =
          Math.multiplyExact(
              p, Math.max(1, f)); // a factor is below 2^31, as is the product before it
      if (p > MOST_BYTES) {
        throw new ArithmeticException(
            "a tensor would take more than the " + MOST_BYTES + " bytes that one can have");
      }
    }
    return empty ? 0 : p;
  }

  private static Footprint unary(long in, int inAlignment, long out, int outAlignment) {
    return new Footprint(new long[] {in}, out, inAlignment, outAlignment);
  }

  private static Footprint binary(long bytes, int alignment) {
    return new Footprint(new long[] {bytes, bytes}, bytes, alignment, alignment);
  }

  /** Checks the buffers of a run. */
  void check(OpKind kind, Storage[] in, long[] offsets, Storage out, long outOffset) {
    if (in.length < inputs.length || offsets.length < inputs.length) {
      throw new BackendException(
          "Operator "
              + kind
              + " got "
              + in.length
              + " inputs at "
              + offsets.length
              + " offsets; expected "
              + inputs.length
              + ".");
    }
    for (int i = 0; i < inputs.length; i++) {
      long available = in[i] == null ? -1 : in[i].bytes();
      if (offsets[i] < 0
          || offsets[i] > available - inputs[i]
          || offsets[i] % inputAlignment != 0) {
        checkBounds(
            "input " + i + " of operator " + kind,
            offsets[i],
            inputs[i],
            available,
            inputAlignment);
      }
    }
    long available = out == null ? -1 : out.bytes();
    if (outOffset < 0 || outOffset > available - output || outOffset % outputAlignment != 0) {
      checkBounds("output of operator " + kind, outOffset, output, available, outputAlignment);
    }
  }

  /** Scratch memory must stand on 64 bytes, as storages themselves do. */
  static void checkScratch(long offset, long bytes, long available) {
    checkBounds("scratch memory", offset, bytes, available, 64);
  }

  /**
   * Checks one buffer.
   *
   * @param available bytes of its storage, -1 if there is none
   */
  static void checkBounds(String what, long offset, long bytes, long available, int alignment) {
    if (available < 0) {
      throw new BackendException(
          "The " + what + " is missing; expected a storage of " + bytes + " bytes or more.");
    }
    if (offset < 0 || offset > available - bytes) {
      throw new BackendException(
          "The "
              + what
              + " stands at byte "
              + offset
              + " and takes "
              + bytes
              + " bytes; its storage has "
              + available
              + ".");
    }
    if (offset % alignment != 0) {
      throw new BackendException(
          "The "
              + what
              + " stands at byte "
              + offset
              + "; expected a multiple of "
              + alignment
              + ".");
    }
  }
}
