package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Tensor;

/**
 * A range of one axis of a float tensor, as a dense copy; the gradient of {@link CatOp} is made of
 * it.
 */
public final class SliceOp extends Op {
  private final int axis;
  private final int from;
  private final int to;

  /** Indices from (inclusive) to (exclusive) of {@code axis}. */
  public SliceOp(int axis, int from, int to) {
    this.axis = axis;
    this.from = from;
    this.to = to;
  }

  @Override
  public String name() {
    return "slice";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("axis", axis, "from", from, "to", to);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    try (FloatTensor view = x.slice(axis, from, to)) {
      return new Tensor[] {FloatTensor.ofSpec(view.shape(), MemoryFormat.CONTIGUOUS)};
    }
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    try (FloatTensor view = x.slice(axis, from, to)) {
      return new Tensor[] {view.copy()};
    }
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    // Zeros before and after, where there are any.
    int size = inputs[0].size(axis);
    java.util.List<Tensor> parts = new java.util.ArrayList<>();
    if (from > 0) {
      parts.add(FloatTensor.zeros(inputs[0].shape().with(axis, from).dims()));
    }
    parts.add(grads[0]);
    if (to < size) {
      parts.add(FloatTensor.zeros(inputs[0].shape().with(axis, size - to).dims()));
    }
    return new Tensor[] {new CatOp(axis).apply(parts.toArray(new Tensor[0]))};
  }
}
