package org.octet.ops;

import java.util.Map;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Merges neighbouring dimensions into one, in logical order; float32 or quantized. */
public final class FlattenOp extends AliasOp {
  private final int startDim;
  private final int endDim;

  /**
   * Merges dimensions {@code startDim} to {@code endDim}, both inclusive; negative ones count from
   * the last.
   */
  public FlattenOp(int startDim, int endDim) {
    this.startDim = startDim;
    this.endDim = endDim;
  }

  @Override
  public String name() {
    return "flatten";
  }

  /** The first merged dimension. */
  public int startDim() {
    return startDim;
  }

  /** The last merged dimension. */
  public int endDim() {
    return endDim;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("start_dim", startDim, "end_dim", endDim);
  }

  @Override
  Shape target(Tensor x) {
    Shape s = x.shape();
    if (s.rank() == 0) {
      return Shape.of(1);
    }
    int from = s.normalizeAxis(startDim);
    int to = s.normalizeAxis(endDim);
    if (from > to) {
      throw new ShapeException(
          "Op flatten got shape "
              + s
              + " with start_dim "
              + startDim
              + " after end_dim "
              + endDim
              + ".");
    }
    int[] dims = new int[s.rank() - (to - from)];
    for (int i = 0, o = 0; i < s.rank(); i++) {
      if (i <= from || i > to) {
        dims[o++] = s.dim(i);
      } else {
        dims[o - 1] *= s.dim(i);
      }
    }
    return Shape.of(dims);
  }
}
