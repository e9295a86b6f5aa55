package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Repeats a float tensor along dimensions of size 1 (numpy's broadcasting), as a new dense tensor.
 */
public final class ExpandOp extends Op {
  private final Shape shape;
  private final MemoryFormat format;

  /** Expands to {@code shape}, kept in memory in {@code format}. */
  public ExpandOp(Shape shape, MemoryFormat format) {
    this.shape = shape;
    this.format = format;
  }

  /** The shape that two operands broadcast to. */
  static Shape broadcast(String op, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] dims = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int x = i <= a.rank() ? a.dim(-i) : 1;
      int y = i <= b.rank() ? b.dim(-i) : 1;
      if (x != y && x != 1 && y != 1) {
        throw new ShapeException(
            "Op "
                + op
                + " got shapes "
                + a
                + " and "
                + b
                + ", which do not broadcast; expected equal sizes or 1 in each"
                + " dimension, counted from the last.");
      }
      dims[rank - i] = Math.max(x, y);
    }
    return Shape.of(dims);
  }

  @Override
  public String name() {
    return "expand";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("shape", shape);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    if (!broadcast(name(), in[0].shape(), shape).equals(shape)) {
      throw new ShapeException("Op expand cannot expand " + in[0].shape() + " to " + shape + ".");
    }
    return new Tensor[] {FloatTensor.ofSpec(shape, format)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    float[] from = ((FloatTensor) in[0]).toArray();
    float[] to = new float[(int) shape.numel()];
    int[] strides = expandedStrides(in[0].shape(), shape);
    walk(shape, strides, (i, j) -> to[i] = from[j]);
    FloatTensor out = FloatTensor.empty(shape, format);
    out.copyFrom(to);
    return new Tensor[] {out};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {new SumToOp(inputs[0].shape()).apply(grads[0])};
  }

  /** Row-major strides of {@code small} as seen from {@code full}: 0 where it is repeated. */
  static int[] expandedStrides(Shape small, Shape full) {
    int[] strides = new int[full.rank()];
    int step = 1;
    for (int i = 1; i <= small.rank(); i++) {
      int d = small.dim(-i);
      strides[full.rank() - i] = d == 1 ? 0 : step;
      step *= d;
    }
    return strides;
  }

  /** Called with an index into the full tensor and the one into the small tensor. */
  interface Pair {
    void at(int full, int small);
  }

  static void walk(Shape full, int[] strides, Pair pair) {
    int rank = full.rank();
    int[] index = new int[rank];
    int n = (int) full.numel();
    int j = 0;
    for (int i = 0; i < n; i++) {
      pair.at(i, j);
      for (int d = rank - 1; d >= 0; d--) {
        j += strides[d];
        if (++index[d] < full.dim(d)) {
          break;
        }
        j -= strides[d] * full.dim(d);
        index[d] = 0;
      }
    }
  }
}
