package org.octet.tensor;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * An n-dimensional array: a view (shape, strides, offset) into a {@link Storage}.
 *
 * <p>Shapes are logical (NCHW); the memory order may be another, see {@link #format()}. A tensor
 * without storage is abstract: it stands for a value while a model is traced, and reading it throws
 * {@link AbstractTensorException}.
 *
 * <p>Closing a tensor ends its own use; memory that views share is freed with the last of them.
 * Forgetting to close is safe: the collector finds the memory. Tensors are not safe for concurrent
 * writes; concurrent reads are fine.
 */
public abstract sealed class Tensor implements AutoCloseable
    permits FloatTensor, QuantizedTensor, LongTensor {
  // Not a VarHandle, which old Android lacks.
  private static final AtomicIntegerFieldUpdater<Tensor> CLOSED =
      AtomicIntegerFieldUpdater.newUpdater(Tensor.class, "closed");

  private final DType dtype;
  private final Shape shape;
  private final long[] strides;
  private final long offset;
  private final Storage storage;
  private final MemoryFormat format;
  private final boolean dense;
  private volatile int closed;
  TensorScope scope;

  /** Takes over one reference to {@code storage}; null makes an abstract tensor. */
  Tensor(DType dtype, Shape shape, long[] strides, long offset, Storage storage) {
    this.dtype = dtype;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.storage = storage;
    boolean contiguous = denseAs(shape, strides, MemoryFormat.CONTIGUOUS);
    boolean last = hasChannels(shape) && denseAs(shape, strides, MemoryFormat.CHANNELS_LAST);
    this.dense = contiguous || last;
    this.format = last && !contiguous ? MemoryFormat.CHANNELS_LAST : MemoryFormat.CONTIGUOUS;
    if (storage != null) {
      TensorScope.register(this);
    }
  }

  private static boolean hasChannels(Shape shape) {
    return shape.rank() >= 3 && shape.rank() <= 5;
  }

  private static boolean denseAs(Shape shape, long[] strides, MemoryFormat format) {
    long[] want = shape.strides(format);
    for (int i = 0; i < want.length; i++) {
      if (shape.dim(i) > 1 && strides[i] != want[i]) {
        return false;
      }
    }
    return true;
  }

  /** Element type. */
  public final DType dtype() {
    return dtype;
  }

  /** Logical shape. */
  public final Shape shape() {
    return shape;
  }

  /** Size of one dimension; negative axes count from the end. */
  public final int size(int axis) {
    return shape.dim(axis);
  }

  /** Number of elements. */
  public final long numel() {
    return shape.numel();
  }

  /** Strides in elements. */
  public final long[] strides() {
    return strides.clone();
  }

  /** Offset of the first element from the start of the storage, in elements. */
  public final long offset() {
    return offset;
  }

  /** Offset of the first element from the start of the storage, in bytes. */
  public final long byteOffset() {
    return offset * dtype.bytes();
  }

  /** Whether this has a shape but no values. */
  public final boolean isAbstract() {
    return storage == null;
  }

  /** Whether the elements fill one gapless block in {@link #format()}. */
  public final boolean isDense() {
    return dense;
  }

  /**
   * Memory order if dense, {@link MemoryFormat#CONTIGUOUS} for other views and where both orders
   * agree.
   */
  public final MemoryFormat format() {
    return format;
  }

  /**
   * Whether the elements lie densely in the given order; both may hold, for example with one
   * channel.
   */
  public final boolean isDense(MemoryFormat wanted) {
    return wanted == MemoryFormat.CHANNELS_LAST && !hasChannels(shape)
        ? denseAs(shape, strides, MemoryFormat.CONTIGUOUS)
        : denseAs(shape, strides, wanted);
  }

  /** Parameters of a quantized tensor, null for the others. */
  public QParams qparams() {
    return null;
  }

  /** Type, shape, memory order and quantization parameters. */
  public final TensorSpec spec() {
    return new TensorSpec(dtype, shape, format, qparams());
  }

  /**
   * The memory.
   *
   * @throws AbstractTensorException if this is abstract
   * @throws ClosedException if this was closed
   */
  public final Storage storage() {
    if (storage == null) {
      throw new AbstractTensorException(
          "The values of a traced tensor "
              + shape
              + " were read in "
              + callerOutsideOctet()
              + "; while a model is traced tensors have shapes only. Branch on shapes or move the code out of forward.");
    }
    if (closed != 0) {
      throw new ClosedException(
          "Tensor " + shape + " was closed. Keep it with TensorScope.keep, or close it later.");
    }
    return storage;
  }

  private static String callerOutsideOctet() {
    for (StackTraceElement e : Thread.currentThread().getStackTrace()) {
      if (!e.getClassName().startsWith("org.octet.tensor.")
          && !e.getClassName().startsWith("java.")) {
        return e.getClassName() + "." + e.getMethodName() + " (line " + e.getLineNumber() + ")";
      }
    }
    return "unknown code";
  }

  /** Whether {@link #close()} was called. */
  public final boolean isClosed() {
    return closed != 0;
  }

  /**
   * Ends the use of this tensor; the memory is freed when no view and no run uses it. May be called
   * again.
   */
  @Override
  public final void close() {
    if (storage != null && CLOSED.compareAndSet(this, 0, 1)) {
      storage.release();
    }
  }

  // ---- views
  // -----------------------------------------------------------------------------------------------------

  /**
   * A tensor of the same kind that takes over the reference {@code held} to the same storage (null
   * if abstract).
   */
  abstract Tensor view(
      Shape newShape, long[] newStrides, long newOffset, int[] axisMap, Storage held);

  private Tensor share(Shape s, long[] st, long off, int[] axisMap) {
    Storage held = storage == null ? null : hold();
    try {
      return view(s, st, off, axisMap, held);
    } catch (RuntimeException e) {
      if (held != null) {
        held.release();
      }
      throw e;
    }
  }

  /**
   * The memory with a reference taken, to be released after use: a close on another thread then
   * waits with freeing, and the collector sees that the memory is in use.
   */
  final Storage hold() {
    Storage s = storage();
    s.acquire();
    return s;
  }

  /**
   * Indices {@code from} (inclusive) to {@code to} (exclusive) of one axis, as a view.
   *
   * @throws ShapeException if the range is not inside the axis
   */
  public Tensor slice(int axis, int from, int to) {
    int a = shape.normalizeAxis(axis);
    if (from < 0 || to < from || to > shape.dim(a)) {
      throw new ShapeException(
          "Slice "
              + from
              + ".."
              + to
              + " of axis "
              + a
              + " does not lie inside shape "
              + shape
              + ".");
    }
    if (qparams() != null
        && qparams().isPerChannel()
        && qparams().axis() == a
        && (from != 0 || to != shape.dim(a))) {
      throw new QParamsException(
          "Slicing the channel axis "
              + a
              + " of a per-channel tensor is not supported; dequantize it first.");
    }
    return share(
        shape.with(a, to - from),
        strides.clone(),
        offset + from * strides[a],
        identity(shape.rank()));
  }

  /**
   * The same elements, in logical order, in another shape; a view. One dimension may be -1.
   *
   * @throws ShapeException if the element counts differ or this is not dense in CONTIGUOUS order;
   *     use {@link #contiguous()} first
   */
  public Tensor reshape(int... dims) {
    Shape to = resolve(dims);
    if (!denseAs(shape, strides, MemoryFormat.CONTIGUOUS)) {
      throw new ShapeException(
          "A view of shape "
              + to
              + " needs contiguous elements; this tensor "
              + shape
              + " has strides "
              + Arrays.toString(strides)
              + ". Call contiguous() first.");
    }
    if (qparams() != null
        && qparams().isPerChannel()
        && (to.rank() <= qparams().axis()
            || to.dim(qparams().axis()) != shape.dim(qparams().axis()))) {
      throw new QParamsException(
          "Reshaping "
              + shape
              + " to "
              + to
              + " would lose the channel axis "
              + qparams().axis()
              + ".");
    }
    return share(to, to.strides(MemoryFormat.CONTIGUOUS), offset, identity(to.rank()));
  }

  /** {@code dims} with a -1 replaced so that the element count is this tensor's. */
  public final Shape resolve(int... dims) {
    int[] d = dims.clone();
    long known = 1;
    int open = -1;
    for (int i = 0; i < d.length; i++) {
      if (d[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= d[i];
      }
    }
    if (open >= 0 && known > 0 && numel() % known == 0) {
      d[open] = (int) (numel() / known);
    }
    long n = 1;
    for (int v : d) {
      n *= v;
    }
    if (n != numel()) {
      throw new ShapeException(
          "Shape "
              + shape
              + " ("
              + numel()
              + " elements) cannot become "
              + Arrays.toString(dims)
              + ".");
    }
    return Shape.of(d);
  }

  /** Two axes exchanged, as a view. */
  public Tensor transpose(int axis0, int axis1) {
    int[] order = identity(shape.rank());
    int a = shape.normalizeAxis(axis0);
    int b = shape.normalizeAxis(axis1);
    order[a] = b;
    order[b] = a;
    return permute(order);
  }

  /**
   * Axes in a new order, as a view: dimension i of the result is dimension {@code order[i]} of
   * this.
   *
   * @throws ShapeException if {@code order} is not a permutation
   */
  public Tensor permute(int... order) {
    int n = shape.rank();
    boolean[] seen = new boolean[n];
    if (order.length != n) {
      throw new ShapeException(
          "Permutation "
              + Arrays.toString(order)
              + " for shape "
              + shape
              + "; expected "
              + n
              + " axes.");
    }
    int[] dims = new int[n];
    long[] st = new long[n];
    for (int i = 0; i < n; i++) {
      int a = shape.normalizeAxis(order[i]);
      if (seen[a]) {
        throw new ShapeException(
            "Axis " + a + " stands twice in permutation " + Arrays.toString(order) + ".");
      }
      seen[a] = true;
      dims[i] = shape.dim(a);
      st[i] = strides[a];
    }
    return share(Shape.of(dims), st, offset, order.clone());
  }

  /** This as a dense tensor in CONTIGUOUS order: itself (no copy) where it already is. */
  public Tensor contiguous() {
    return contiguous(MemoryFormat.CONTIGUOUS);
  }

  /** This as a dense tensor in the given order: itself (no copy) where it already is. */
  public abstract Tensor contiguous(MemoryFormat wanted);

  private static int[] identity(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    return order;
  }

  // ---- access for subclasses and kernels
  // ------------------------------------------------------------------------------

  /** Position, in elements of the storage, of a logical index. */
  final long position(int... index) {
    if (index.length != shape.rank()) {
      throw new ShapeException("Index " + Arrays.toString(index) + " for shape " + shape + ".");
    }
    long p = offset;
    for (int i = 0; i < index.length; i++) {
      if (index[i] < 0 || index[i] >= shape.dim(i)) {
        throw new ShapeException(
            "Index " + Arrays.toString(index) + " is out of range for shape " + shape + ".");
      }
      p += index[i] * strides[i];
    }
    return p;
  }

  /** Called with the storage position of every element in logical order. */
  interface Visitor {
    void at(int logicalIndex, long position);
  }

  final void forEach(Visitor v) {
    int n = shape.rank();
    if (numel() == 0) {
      return;
    }
    int[] index = new int[n];
    long p = offset;
    int count = (int) numel();
    for (int i = 0; i < count; i++) {
      v.at(i, p);
      for (int d = n - 1; d >= 0; d--) {
        p += strides[d];
        if (++index[d] < shape.dim(d)) {
          break;
        }
        p -= strides[d] * shape.dim(d);
        index[d] = 0;
      }
    }
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + shape
        + (qparams() == null ? "" : " (" + qparams() + ")")
        + (isAbstract() ? " abstract" : "");
  }
}
