package org.octet.tensor;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** A float32 tensor; also a parameter that gradients are kept for. */
public final class FloatTensor extends Tensor {
  private boolean requiresGrad;
  private FloatTensor grad;

  private FloatTensor(Shape shape, long[] strides, long offset, Storage storage) {
    super(DType.FLOAT32, shape, strides, offset, storage);
  }

  // ---- creation
  // --------------------------------------------------------------------------------------------------

  /** A dense tensor with undefined contents. */
  public static FloatTensor empty(Shape shape, MemoryFormat format) {
    MemoryFormat f = shape.rank() < 3 ? MemoryFormat.CONTIGUOUS : format;
    return new FloatTensor(shape, shape.strides(f), 0, Storage.allocate(shape.numel() * 4));
  }

  /** A dense tensor of zeros. */
  public static FloatTensor zeros(int... dims) {
    return full(0f, dims);
  }

  /** A dense tensor of one value. */
  public static FloatTensor full(float value, int... dims) {
    FloatTensor t = empty(Shape.of(dims), MemoryFormat.CONTIGUOUS);
    t.fill(value);
    return t;
  }

  /**
   * A copy of {@code values}, in logical (row-major) order.
   *
   * @throws ShapeException if their number is not the product of {@code dims}
   */
  public static FloatTensor of(float[] values, int... dims) {
    return of(FloatBuffer.wrap(values), dims);
  }

  /** A scalar (rank 0). */
  public static FloatTensor scalar(float value) {
    return of(new float[] {value});
  }

  /**
   * A copy of the remaining values of a buffer, in logical (row-major) order; its position is left
   * alone.
   *
   * @throws ShapeException if their number is not the product of {@code dims}
   * @throws BufferException if a direct buffer has foreign byte order
   */
  public static FloatTensor of(FloatBuffer values, int... dims) {
    Shape shape = Shape.of(dims);
    if (values.remaining() != shape.numel()) {
      throw new ShapeException(
          "Found "
              + values.remaining()
              + " values for shape "
              + shape
              + ", which has "
              + shape.numel()
              + " elements.");
    }
    checkOrder(values);
    FloatTensor t = empty(shape, MemoryFormat.CONTIGUOUS);
    t.borrow().put(values.duplicate());
    return t;
  }

  private static void checkOrder(FloatBuffer b) {
    if (b.isDirect() && b.order() != ByteOrder.nativeOrder()) {
      throw new BufferException(
          "The buffer has byte order "
              + b.order()
              + ", this machine "
              + ByteOrder.nativeOrder()
              + "; use ByteBuffer.order(ByteOrder.nativeOrder()).asFloatBuffer().");
    }
  }

  /** A tensor without values, for tracing. */
  public static FloatTensor ofSpec(Shape shape, MemoryFormat format) {
    MemoryFormat f = shape.rank() < 3 ? MemoryFormat.CONTIGUOUS : format;
    return new FloatTensor(shape, shape.strides(f), 0, null);
  }

  @Override
  FloatTensor view(Shape s, long[] st, long off, int[] axisMap, Storage held) {
    return new FloatTensor(s, st, off, held);
  }

  // ---- values
  // ----------------------------------------------------------------------------------------------------

  /**
   * The elements in memory order, as a live view. It stays valid after this tensor is closed:
   * memory that was handed out is freed by the collector, when the view is gone too.
   *
   * @throws ShapeException if this is not dense
   */
  public FloatBuffer data() {
    Storage s = storage();
    s.acquire();
    try {
      s.handOut();
      return borrow();
    } finally {
      s.release();
    }
  }

  /**
   * As {@link #data()}, for code that keeps this tensor open while it uses the view, as ops do with
   * their operands: the memory is freed with the tensor. Using the view after that reads foreign
   * memory.
   *
   * @throws ShapeException if this is not dense
   */
  public FloatBuffer borrow() {
    if (!isDense()) {
      throw new ShapeException(
          "Tensor " + shape() + " is a strided view; call contiguous() first.");
    }
    return dense(storage());
  }

  /** The elements of this dense tensor in memory order. */
  private FloatBuffer dense(Storage s) {
    return s.view(byteOffset(), 4 * numel()).asFloatBuffer();
  }

  private static FloatBuffer floats(Storage s) {
    return s.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  /** One element. */
  public float get(int... index) {
    Storage s = hold();
    try {
      return s.buffer().getFloat((int) (position(index) * 4));
    } finally {
      s.release();
    }
  }

  /** Sets one element. */
  public void set(float value, int... index) {
    Storage s = hold();
    try {
      s.buffer().putFloat((int) (position(index) * 4), value);
    } finally {
      s.release();
    }
  }

  /**
   * The value of a tensor with one element.
   *
   * @throws ShapeException if it has another number of elements
   */
  public float item() {
    if (numel() != 1) {
      throw new ShapeException("item() needs one element; this tensor has shape " + shape() + ".");
    }
    Storage s = hold();
    try {
      return s.buffer().getFloat((int) byteOffset());
    } finally {
      s.release();
    }
  }

  /** A copy of the values in logical (row-major) order. */
  public float[] toArray() {
    float[] out = new float[(int) numel()];
    Storage s = hold();
    try {
      if (isDense(MemoryFormat.CONTIGUOUS)) {
        dense(s).get(out);
      } else {
        FloatBuffer f = floats(s);
        forEach((i, p) -> out[i] = f.get((int) p));
      }
    } finally {
      s.release();
    }
    return out;
  }

  /**
   * Copies the values in logical order to a buffer's position, which moves.
   *
   * @throws BufferException if the buffer is read-only, too small, or direct with foreign byte
   *     order
   */
  public void copyTo(FloatBuffer out) {
    if (out.isReadOnly()) {
      throw new BufferException("The output buffer is read-only; give a writable one.");
    }
    checkOrder(out);
    if (out.remaining() < numel()) {
      throw new BufferException(
          "The output buffer has room for "
              + out.remaining()
              + " values, the tensor has "
              + numel()
              + ".");
    }
    Storage s = hold();
    try {
      if (isDense(MemoryFormat.CONTIGUOUS)) {
        out.put(data());
      } else {
        out.put(toArray());
      }
    } finally {
      s.release();
    }
  }

  /**
   * Overwrites the values, given in logical order.
   *
   * @throws ShapeException if the number of values differs
   */
  public void copyFrom(float[] values) {
    if (values.length != numel()) {
      throw new ShapeException("Found " + values.length + " values for shape " + shape() + ".");
    }
    Storage s = hold();
    try {
      if (isDense(MemoryFormat.CONTIGUOUS)) {
        dense(s).put(values);
      } else {
        FloatBuffer f = floats(s);
        forEach((i, p) -> f.put((int) p, values[i]));
      }
    } finally {
      s.release();
    }
  }

  /**
   * Overwrites the values with those of a tensor of the same shape.
   *
   * @throws ShapeException if the shapes differ
   */
  public void copyFrom(FloatTensor source) {
    if (!shape().equals(source.shape())) {
      throw new ShapeException("Cannot copy " + source.shape() + " into " + shape() + ".");
    }
    if (!(isDense() && source.isDense() && Arrays.equals(strides(), source.strides()))) {
      copyFrom(source.toArray());
      return;
    }
    Storage to = hold();
    try {
      Storage from = source.hold();
      try {
        borrow().put(source.borrow());
      } finally {
        from.release();
      }
    } finally {
      to.release();
    }
  }

  /** Sets every element. */
  public void fill(float value) {
    Storage s = hold();
    try {
      FloatBuffer f = floats(s);
      if (isDense()) {
        int from = (int) offset();
        int to = from + (int) numel();
        for (int i = from; i < to; i++) {
          f.put(i, value);
        }
      } else {
        forEach((i, p) -> f.put((int) p, value));
      }
    } finally {
      s.release();
    }
  }

  /** A dense copy with the same memory order, with memory of its own. */
  public FloatTensor copy() {
    FloatTensor t = empty(shape(), format());
    t.copyFrom(this);
    return t;
  }

  @Override
  public FloatTensor contiguous(MemoryFormat wanted) {
    if (isDense(wanted)) {
      return this;
    }
    if (isAbstract()) {
      return ofSpec(shape(), wanted);
    }
    int[] target = new int[(int) numel()];
    Storage s = hold();
    try {
      FloatTensor t = empty(shape(), wanted);
      FloatBuffer from = floats(s);
      FloatBuffer to = floats(t.storage());
      t.forEach((i, p) -> target[i] = (int) p);
      forEach((i, p) -> to.put(target[i], from.get((int) p)));
      return t;
    } finally {
      s.release();
    }
  }

  @Override
  public FloatTensor contiguous() {
    return contiguous(MemoryFormat.CONTIGUOUS);
  }

  @Override
  public FloatTensor reshape(int... dims) {
    return (FloatTensor) super.reshape(dims);
  }

  @Override
  public FloatTensor slice(int axis, int from, int to) {
    return (FloatTensor) super.slice(axis, from, to);
  }

  @Override
  public FloatTensor transpose(int axis0, int axis1) {
    return (FloatTensor) super.transpose(axis0, axis1);
  }

  @Override
  public FloatTensor permute(int... order) {
    return (FloatTensor) super.permute(order);
  }

  // ---- gradients
  // ---------------------------------------------------------------------------------------------------

  /** Whether a recorded tape keeps a gradient for this tensor. */
  public boolean requiresGrad() {
    return requiresGrad;
  }

  /** Sets whether a recorded tape keeps a gradient for this tensor; returns this. */
  public FloatTensor requiresGrad(boolean value) {
    requiresGrad = value;
    return this;
  }

  /** The gradient that the last backward passes have summed up, or null. */
  public FloatTensor grad() {
    return grad;
  }

  /**
   * Replaces the gradient; null drops it. It belongs to this tensor from now on and outlives the
   * scope it was made in.
   */
  public void setGrad(FloatTensor value) {
    if (value != null) {
      value.scope = null;
    }
    grad = value;
  }
}
