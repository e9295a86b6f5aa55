package org.octet.ops;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Numpy's broadcasting for ops whose operands have one shape: the smaller operand is repeated in
 * memory first, by joining it with itself. That is made of ops, so that it can be traced, trained
 * through and compiled.
 */
public final class Broadcast {
  private Broadcast() {}

  /**
   * Applies {@code op} to operands that are expanded to their common shape.
   *
   * @throws ShapeException if there is none
   */
  public static Tensor apply(Op op, Tensor a, Tensor b) {
    if (a.shape().equals(b.shape())) {
      return op.apply(a, b);
    }
    Shape shape = ExpandOp.broadcast(op.name(), a.shape(), b.shape());
    return op.apply(expand(a, shape), expand(b, shape));
  }

  private static Tensor expand(Tensor x, Shape shape) {
    Tensor y = x;
    int missing = shape.rank() - x.shape().rank();
    if (missing > 0) {
      int[] dims = new int[shape.rank()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = i < missing ? 1 : x.size(i - missing);
      }
      y = new ReshapeOp(dims).apply(y);
    }
    // The last axis first, so that the small copies come before the large ones.
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      if (y.size(axis) == 1 && shape.dim(axis) > 1) {
        Op join = y instanceof FloatTensor ? new CatOp(axis) : new QuantizedCatOp(axis);
        y = repeat(join, y, shape.dim(axis));
      }
    }
    return y;
  }

  /** {@code n} copies of {@code x} joined, in about log2(n) steps. */
  private static Tensor repeat(Op join, Tensor x, int n) {
    if (n == 1) {
      return x;
    }
    Tensor half = repeat(join, x, n / 2);
    return n % 2 == 0 ? join.apply(half, half) : join.apply(half, half, x);
  }
}
