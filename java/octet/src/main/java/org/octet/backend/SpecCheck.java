package org.octet.backend;

import java.util.List;
import org.octet.tensor.Storage;

/**
 * The checks of an operator's attributes and constants that both backends make before anything is
 * made of them: native factories trust the sizes of constants, and both trust that codes and
 * geometry are in range.
 */
final class SpecCheck {
  /** Of channels, kernels, strides, paddings and the like; the native library has the same. */
  private static final long LIMIT = 1 << 30;

  private static final long MOST_CHANNELS = 1 << 24;

  private static final long MOST_BINS = 1 << 24;
  private static final long MOST_INPUTS = 4096;

  /** Of a stretched input, along an axis and in all. */
  private static final long MOST_UP = 256;

  private static final long MOST_PARTS = 4096;
  private static final long MOST_CODES = 1 << 16;

  /** Slots of a convolution with depth. */
  static final int DEEP_Q8 = 24;

  static final int DEEP_F32 = 20;

  /** The first slot of a convolution's residual, behind depth and stretch. */
  static final int RESIDUAL_Q8 = 27;

  private final OperatorSpec spec;
  private final OpKind kind;
  private final Attributes a;

  private SpecCheck(OperatorSpec spec) {
    this.spec = spec;
    kind = spec.kind();
    a = spec.attributes();
  }

  /**
   * Checks.
   *
   * @throws BackendException if a slot is missing or out of range, or a constant missing, too small
   *     or not finite
   * @throws org.octet.tensor.ClosedException if a constant is closed
   */
  static void check(OperatorSpec spec) {
    SpecCheck c = new SpecCheck(spec);
    c.slots(slots(spec.kind()));
    c.attributes();
    try {
      c.constants();
    } catch (ArithmeticException e) {
      throw new BackendException(
          "Operator " + spec.kind() + " cannot be made: " + e.getMessage() + ".");
    }
  }

  private static int slots(OpKind kind) {
    return switch (kind) {
      case CONV_Q8 -> 19;
      case CONV_F32 -> 15;
      case CONV_WEIGHT_GRAD -> 13;
      case LINEAR_DYNAMIC_Q8, LINEAR_WEIGHT_ONLY, CONCAT -> 6;
      case QUANTIZE, FAKE_QUANTIZE -> 8;
      case DEQUANTIZE -> 4;
      case ADD_Q8 -> 9;
      case MUL_Q8 -> 7;
      case LUT_Q8 -> 0;
      case MAXPOOL -> 10;
      case AVGPOOL -> 16;
      case ADAPTIVE_AVGPOOL -> 6;
      case UNARY_F32 -> 5;
      case BINARY_F32, AFFINE_F32, MATMUL_F32 -> 3;
      case MATMUL_Q8 -> 10;
      case AFFINE_Q8 -> 6;
      case SOFTMAX -> 7;
      case GROUP_NORM -> 11;
      case TRANSPOSE, MINMAX_F32, HISTOGRAM_F32 -> 1;
      case FAKE_QUANTIZE_GRAD -> 2;
    };
  }

  private void attributes() {
    switch (kind) {
      case CONV_Q8 -> {
        codeType(0);
        codeType(1);
        convolution(2, 19);
        code(0, 15);
        codeRange(1, 16);
        if (a.size() > RESIDUAL_Q8) {
          slots(RESIDUAL_Q8 + 8);
          inRange(0, 1, RESIDUAL_Q8);
          code(1, RESIDUAL_Q8 + 3);
          codeRange(1, RESIDUAL_Q8 + 5);
        }
      }
      case CONV_F32 -> convolution(0, 15);
      case CONV_WEIGHT_GRAD -> convolution(0, Integer.MAX_VALUE);
      case LINEAR_DYNAMIC_Q8 -> inRange(1, LIMIT, 0, 1);
      case LINEAR_WEIGHT_ONLY -> {
        inRange(1, LIMIT, 0, 1, 3);
        long bits = a.get(2);
        if ((bits != 8 && bits != 4) || a.get(0) % a.get(3) != 0 || a.get(3) * bits % 8 != 0) {
          throw new BackendException(
              "Operator LINEAR_WEIGHT_ONLY got groups of "
                  + a.get(3)
                  + " weights of "
                  + bits
                  + " bits along K = "
                  + a.get(0)
                  + "; expected 8 or 4 bits, and groups of whole bytes that divide K.");
        }
      }
      case QUANTIZE -> {
        codeType(0);
        codeRange(0, 2);
      }
      case DEQUANTIZE -> {
        codeType(0);
        code(0, 2);
      }
      case ADD_Q8 -> {
        codeType(0);
        code(0, 2);
        code(0, 4);
        codeRange(0, 6);
      }
      case MUL_Q8 -> {
        codeType(0);
        code(0, 1);
        code(0, 2);
        codeRange(0, 4);
      }
      case MAXPOOL -> {
        inRange(0, Attributes.F32, 0);
        inRange(1, LIMIT, 1, 2, 3, 4, 5, 8, 9);
        inRange(0, LIMIT, 6, 7);
      }
      case AVGPOOL -> {
        inRange(0, Attributes.F32, 0);
        inRange(1, LIMIT, 1, 2, 3, 4, 5);
        inRange(0, LIMIT, 6, 7, 8, 9, 11);
        inRange(0, 1, 15);
        codeRangeUnlessFloat(12);
      }
      case ADAPTIVE_AVGPOOL -> {
        inRange(0, Attributes.F32, 0);
        inRange(1, LIMIT, 1);
        inRange(0, 1, 5);
        codeRangeUnlessFloat(2);
      }
      case CONCAT -> {
        inRange(0, Attributes.F32, 0);
        inRange(1, MOST_INPUTS, 1);
        slots(6 + 3 * a.getInt(1));
        codeRangeUnlessFloat(3);
        for (int i = 0; a.get(0) != Attributes.F32 && i < a.getInt(1); i++) {
          code(0, 7 + 3 * i);
        }
      }
      case UNARY_F32 -> inRange(0, 9, 0);
      case BINARY_F32 -> inRange(0, 1, 0);
      case AFFINE_F32 -> inRange(0, LIMIT, 0);
      case AFFINE_Q8 -> {
        codeType(0);
        inRange(0, LIMIT, 1);
        code(0, 2);
        codeRange(0, 3);
      }
      case SOFTMAX -> {
        inRange(0, Attributes.F32, 0);
        inRange(0, LIMIT, 1);
        codeRangeUnlessFloat(4);
      }
      case GROUP_NORM -> {
        inRange(0, Attributes.F32, 0);
        inRange(1, MOST_CHANNELS, 1, 2); // gamma and beta are filled in where they are absent
        if (a.get(1) % a.get(2) != 0) {
          throw new BackendException(
              "Operator GROUP_NORM got "
                  + a.get(2)
                  + " groups; expected a divisor of "
                  + a.get(1)
                  + " channels.");
        }
        if (a.get(0) != Attributes.F32) {
          code(0, 7);
          codeRange(0, 8);
        }
      }
      case HISTOGRAM_F32 -> inRange(1, MOST_BINS, 0);
      case FAKE_QUANTIZE -> {
        wideCodeRange();
        inRange(0, 2, 2, 4);
        inRange(a.get(0), a.get(1), 6);
      }
      case FAKE_QUANTIZE_GRAD -> wideCodeRange();
      case TRANSPOSE -> inRange(1, LIMIT, 0);
      case MATMUL_Q8 -> {
        inRange(0, 1, 0);
        codeType(1);
        codeType(2);
        inRange(0, Attributes.F32, 3);
        code(1, 4);
        code(2, 5);
        if (a.get(3) != Attributes.F32) {
          codeRange(3, 7);
        }
      }
      case MATMUL_F32 -> inRange(0, 1, 0);
      case LUT_Q8, MINMAX_F32 -> {}
    }
  }

  private void constants() {
    for (Storage s : spec.constants()) {
      if (s != null) {
        s.buffer(); // throws if it is closed
      }
    }
    switch (kind) {
      case CONV_Q8 -> {
        long n = a.get(3);
        long depth = a.size() >= DEEP_Q8 ? a.get(19) : 1;
        constant(0, true, Footprint.product(n, depth, a.get(4), a.get(5), a.get(2) / a.get(14)));
        constant(1, true, Footprint.product(4, n));
        constant(2, false, Footprint.product(4, n));
        constant(3, false, Footprint.product(4, n));
        finite(1, (int) n);
      }
      case CONV_F32 -> {
        long n = a.get(1);
        long depth = a.size() >= DEEP_F32 ? a.get(15) : 1;
        constant(0, true, Footprint.product(4, n, depth, a.get(2), a.get(3), a.get(0) / a.get(12)));
        constant(1, false, Footprint.product(4, n));
      }
      case LINEAR_DYNAMIC_Q8 -> {
        long n = a.get(1);
        constant(0, true, Footprint.product(n, a.get(0)));
        constant(1, true, Footprint.product(4, n));
        constant(2, false, Footprint.product(4, n));
        constant(3, false, Footprint.product(4, n));
      }
      case LINEAR_WEIGHT_ONLY -> {
        long n = a.get(1);
        constant(0, true, Footprint.product(n, a.get(0)));
        constant(1, true, Footprint.product(4, n, a.get(0) / a.get(3)));
        constant(2, false, Footprint.product(4, n));
      }
      case LUT_Q8 -> constant(0, true, 256);
      case AFFINE_F32 -> {
        constant(0, true, Footprint.product(4, a.get(0)));
        constant(1, true, Footprint.product(4, a.get(0)));
      }
      case AFFINE_Q8 -> {
        constant(0, true, Footprint.product(4, a.get(1)));
        constant(1, true, Footprint.product(4, a.get(1)));
      }
      case GROUP_NORM -> {
        constant(0, false, Footprint.product(4, a.get(1)));
        constant(1, false, Footprint.product(4, a.get(1)));
      }
      default -> {}
    }
  }

  private void slots(int expected) {
    if (a.size() < expected) {
      throw new BackendException(
          "Operator "
              + kind
              + " got "
              + a.size()
              + " attribute slots; expected "
              + expected
              + " or more.");
    }
  }

  /**
   * {@code Cin Cout KH KW SH SW four pads DH DW groups} from slot {@code at}; perhaps {@code KD SD
   * pad_front pad_back DD} from {@code depthAt}, all or none.
   */
  private void convolution(int at, int depthAt) {
    if (a.size() > depthAt) {
      slots(depthAt + 5);
      inRange(1, LIMIT, depthAt, depthAt + 1, depthAt + 4);
      inRange(0, LIMIT, depthAt + 2, depthAt + 3);
      if (a.size() > depthAt + 5) {
        stretched(at, depthAt);
      }
    }
    inRange(1, LIMIT, at, at + 1, at + 2, at + 3, at + 4, at + 5, at + 10, at + 11, at + 12);
    inRange(0, LIMIT, at + 6, at + 7, at + 8, at + 9);
    if (a.get(at) % a.get(at + 12) != 0 || a.get(at + 1) % a.get(at + 12) != 0) {
      throw new BackendException(
          "Operator "
              + kind
              + " got "
              + a.get(at + 12)
              + " groups; expected a divisor of "
              + a.get(at)
              + " input and "
              + a.get(at + 1)
              + " output channels.");
    }
  }

  /** {@code UD UH UW}, all or none. */
  private void stretched(int at, int depthAt) {
    slots(depthAt + 8);
    inRange(1, MOST_UP, depthAt + 5, depthAt + 6, depthAt + 7);
    long parts = a.get(depthAt + 5) * a.get(depthAt + 6) * a.get(depthAt + 7);
    boolean strides = a.get(at + 4) != 1 || a.get(at + 5) != 1 || a.get(depthAt + 1) != 1;
    if (parts > MOST_PARTS || (parts > 1 && strides)) {
      throw new BackendException(
          "Operator "
              + kind
              + " got an input stretched by "
              + a.get(depthAt + 5)
              + ", "
              + a.get(depthAt + 6)
              + ", "
              + a.get(depthAt + 7)
              + "; expected a product of at most "
              + MOST_PARTS
              + ", and strides of 1.");
    }
  }

  private void codeType(int slot) {
    inRange(Attributes.U8, Attributes.S8, slot);
  }

  /** A code of the type that stands in {@code type}. */
  private void code(int type, int slot) {
    int least = a.get(type) == Attributes.S8 ? -128 : 0;
    inRange(least, least + 255, slot);
  }

  /** Zero point, qmin and qmax from slot {@code at}. */
  private void codeRange(int type, int at) {
    code(type, at);
    code(type, at + 1);
    code(type, at + 2);
    if (a.get(at + 1) > a.get(at + 2)) {
      throw new BackendException(
          "Operator "
              + kind
              + " got the code range ["
              + a.get(at + 1)
              + ", "
              + a.get(at + 2)
              + "], which is empty.");
    }
  }

  /** quant_min and quant_max of a fake quantization, which has up to 16 bits. */
  private void wideCodeRange() {
    inRange(-MOST_CODES, MOST_CODES, 0, 1);
    if (a.get(0) >= a.get(1) || a.get(1) - a.get(0) >= MOST_CODES) {
      throw new BackendException(
          "Operator "
              + kind
              + " got the code range ["
              + a.get(0)
              + ", "
              + a.get(1)
              + "]; expected 2 to "
              + MOST_CODES
              + " codes.");
    }
  }

  private void codeRangeUnlessFloat(int at) {
    if (a.get(0) != Attributes.F32) {
      codeRange(0, at);
    }
  }

  private void inRange(long least, long most, int... slots) {
    for (int slot : slots) {
      if (a.get(slot) < least || a.get(slot) > most) {
        throw new BackendException(
            "Operator "
                + kind
                + " got "
                + a.get(slot)
                + " in attribute slot "
                + slot
                + "; expected "
                + least
                + " to "
                + most
                + ".");
      }
    }
  }

  private void constant(int index, boolean required, long bytes) {
    List<Storage> constants = spec.constants();
    Storage s = index < constants.size() ? constants.get(index) : null;
    if (s == null ? required : s.bytes() < bytes) {
      throw new BackendException(
          "Operator "
              + kind
              + " got "
              + (s == null ? "no" : s.bytes() + " bytes for")
              + " constant "
              + index
              + "; expected "
              + bytes
              + " bytes.");
    }
  }

  private void finite(int index, int n) {
    for (int i = 0; i < n; i++) {
      float v = spec.constants().get(index).buffer().getFloat(4 * i);
      if (!Float.isFinite(v)) {
        throw new BackendException(
            "Operator "
                + kind
                + " got "
                + v
                + " in constant "
                + index
                + "; expected finite values.");
      }
    }
  }
}
