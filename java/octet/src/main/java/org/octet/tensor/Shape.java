package org.octet.tensor;

import java.util.Arrays;

/** The dimensions of a tensor in logical order; immutable. A scalar has rank 0. */
public final class Shape {
  private final int[] dims;
  private final long numel;

  private Shape(int[] dims) {
    long n = 1;
    for (int d : dims) {
      if (d < 0) {
        throw new ShapeException("Negative dimension in shape " + Arrays.toString(dims) + ".");
      }
      if (d > 0 && n > Long.MAX_VALUE / d) {
        throw new ShapeException(
            "Shape " + Arrays.toString(dims) + " has more than 2^63 - 1 elements.");
      }
      n *= d;
    }
    this.dims = dims;
    this.numel = n;
  }

  /**
   * A shape of the given dimensions.
   *
   * @throws ShapeException if one is negative or the element count is beyond an int64
   */
  public static Shape of(int... dims) {
    return new Shape(dims.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /**
   * Size of dimension {@code axis}; a negative axis counts from the end.
   *
   * @throws ShapeException if the axis is out of range
   */
  public int dim(int axis) {
    return dims[normalizeAxis(axis)];
  }

  /** Number of elements; 1 for a scalar. */
  public long numel() {
    return numel;
  }

  /** A copy of the dimensions. */
  public int[] dims() {
    return dims.clone();
  }

  /**
   * {@code axis} as a number in 0 .. rank - 1.
   *
   * @throws ShapeException if it is not in -rank .. rank - 1
   */
  public int normalizeAxis(int axis) {
    int a = axis < 0 ? axis + dims.length : axis;
    if (a < 0 || a >= dims.length) {
      throw new ShapeException(
          "Axis "
              + axis
              + " is out of range for shape "
              + this
              + "; expected "
              + -dims.length
              + " to "
              + (dims.length - 1)
              + ".");
    }
    return a;
  }

  /** This shape with dimension {@code axis} replaced by {@code size}. */
  public Shape with(int axis, int size) {
    int[] d = dims.clone();
    d[normalizeAxis(axis)] = size;
    return new Shape(d);
  }

  /** Strides, in elements, of a dense tensor of this shape in the given format. */
  long[] strides(MemoryFormat format) {
    long[] s = new long[dims.length];
    long step = 1;
    if (format == MemoryFormat.CHANNELS_LAST) {
      step = dims[1];
      s[1] = 1;
    }
    for (int i = dims.length - 1; i >= 0; i--) {
      if (format == MemoryFormat.CHANNELS_LAST && i == 1) {
        continue;
      }
      s[i] = step;
      step *= dims[i];
    }
    return s;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape && Arrays.equals(dims, ((Shape) o).dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
