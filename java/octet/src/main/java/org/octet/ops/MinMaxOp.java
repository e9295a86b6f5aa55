package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Minimum and maximum, of the whole tensor or for each index of an axis: [C, 3] with minimum,
 * maximum and 1 where there was a NaN (C = 1 for the whole tensor). NaNs count for neither; without
 * any other value they are +inf and -inf.
 */
public final class MinMaxOp extends Op {
  private static final int WHOLE = -1;

  /** Over the whole tensor. */
  public static final MinMaxOp PER_TENSOR = new MinMaxOp(WHOLE);

  private final int axis;

  private MinMaxOp(int axis) {
    this.axis = axis;
  }

  /** For each index of {@code axis}, which is not negative. */
  public static MinMaxOp perChannel(int axis) {
    return new MinMaxOp(axis);
  }

  @Override
  public String name() {
    return "min_max";
  }

  @Override
  public Map<String, Object> attributes() {
    return axis == WHOLE ? Map.of() : Map.of("axis", axis);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    Shape out = Shape.of(axis == WHOLE ? 1 : x.size(axis), 3);
    return new Tensor[] {FloatTensor.ofSpec(out, MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return axis == WHOLE ? null : MemoryFormat.CONTIGUOUS;
  }

  @Override
  public Lowering lower(Tensor... in) {
    Shape s = in[0].shape();
    if (axis == WHOLE) {
      return Lowering.of(
          OpKind.MINMAX_F32, Attributes.builder().ints(0).build(), (int) s.numel(), 1, 1);
    }
    int outer = 1;
    int inner = 1;
    for (int i = 0; i < s.rank(); i++) {
      outer *= i < axis ? s.dim(i) : 1;
      inner *= i > axis ? s.dim(i) : 1;
    }
    return Lowering.of(
        OpKind.MINMAX_F32, Attributes.builder().ints(1).build(), outer, s.dim(axis), inner);
  }
}
