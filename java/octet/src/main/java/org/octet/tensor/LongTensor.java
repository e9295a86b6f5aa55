package org.octet.tensor;

import java.nio.ByteOrder;
import java.nio.LongBuffer;

/** An int64 tensor: class labels and indices. */
public final class LongTensor extends Tensor {
  private LongTensor(Shape shape, long[] strides, long offset, Storage storage) {
    super(DType.INT64, shape, strides, offset, storage);
  }

  /**
   * A copy of {@code values}, in logical (row-major) order.
   *
   * @throws ShapeException if their number is not the product of {@code dims}
   */
  public static LongTensor of(long[] values, int... dims) {
    Shape shape = Shape.of(dims);
    if (values.length != shape.numel()) {
      throw new ShapeException("Found " + values.length + " values for shape " + shape + ".");
    }
    LongTensor t =
        new LongTensor(
            shape, shape.strides(MemoryFormat.CONTIGUOUS), 0, Storage.allocate(shape.numel() * 8));
    longs(t.storage()).put(values);
    return t;
  }

  /** A tensor without values, for tracing. */
  public static LongTensor ofSpec(Shape shape) {
    return new LongTensor(shape, shape.strides(MemoryFormat.CONTIGUOUS), 0, null);
  }

  @Override
  LongTensor view(Shape s, long[] st, long off, int[] axisMap, Storage held) {
    return new LongTensor(s, st, off, held);
  }

  private static LongBuffer longs(Storage s) {
    return s.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
  }

  /** One element. */
  public long get(int... index) {
    Storage s = hold();
    try {
      return longs(s).get((int) position(index));
    } finally {
      s.release();
    }
  }

  /** A copy of the values in logical (row-major) order. */
  public long[] toArray() {
    long[] out = new long[(int) numel()];
    Storage s = hold();
    try {
      LongBuffer l = longs(s);
      forEach((i, p) -> out[i] = l.get((int) p));
    } finally {
      s.release();
    }
    return out;
  }

  @Override
  public LongTensor contiguous(MemoryFormat wanted) {
    if (isDense(wanted)) {
      return this;
    }
    return isAbstract() ? ofSpec(shape()) : of(toArray(), shape().dims());
  }
}
