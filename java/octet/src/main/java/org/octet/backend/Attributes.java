package org.octet.backend;

import java.util.Arrays;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;

/**
 * An operator's attribute block: 64-bit slots in the order of octet_kinds.h. Immutable once built.
 */
public final class Attributes {
  /** Element types as they cross the native line. */
  public static final int U8 = 0;

  public static final int S8 = 1;
  public static final int F32 = 2;
  public static final int S32 = 3;

  private final long[] slots;

  private Attributes(long[] slots) {
    this.slots = slots;
  }

  /** Starts a block. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * The number of an element type.
   *
   * @throws DTypeException if kernels do not have it
   */
  public static int type(DType dtype) {
    return switch (dtype) {
      case QUINT8 -> U8;
      case QINT8 -> S8;
      case FLOAT32 -> F32;
      case QINT32 -> S32;
      default ->
          throw new DTypeException(
              "No kernel takes " + dtype + "; expected quint8, qint8 or float32.");
    };
  }

  /** Number of slots. */
  public int size() {
    return slots.length;
  }

  /** Slot {@code i} as an integer. */
  public long get(int i) {
    return slots[i];
  }

  /** Slot {@code i} as an int. */
  public int getInt(int i) {
    return (int) slots[i];
  }

  /** Slot {@code i} as a float32. */
  public float getFloat(int i) {
    return Float.intBitsToFloat((int) slots[i]);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Attributes a && Arrays.equals(slots, a.slots);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(slots);
  }

  /** Appends slots. */
  public static final class Builder {
    private long[] slots = new long[24];
    private int n;

    /** Appends integers. */
    public Builder ints(long... values) {
      for (long v : values) {
        add(v);
      }
      return this;
    }

    /** Appends float32 values, as raw bits. */
    public Builder floats(float... values) {
      for (float v : values) {
        add(Float.floatToRawIntBits(v) & 0xffffffffL);
      }
      return this;
    }

    private void add(long v) {
      if (n == slots.length) {
        slots = Arrays.copyOf(slots, 2 * n);
      }
      slots[n++] = v;
    }

    /** The finished block. */
    public Attributes build() {
      return new Attributes(Arrays.copyOf(slots, n));
    }
  }
}
