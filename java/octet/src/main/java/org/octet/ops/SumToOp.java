package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Sums a float tensor over the dimensions in which {@code shape} has size 1 or none: the reverse of
 * {@link ExpandOp}.
 */
public final class SumToOp extends Op {
  private final Shape shape;

  /** Sums to {@code shape}, which must broadcast to the input's. */
  public SumToOp(Shape shape) {
    this.shape = shape;
  }

  @Override
  public String name() {
    return "sum_to";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("shape", shape);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    if (!ExpandOp.broadcast(name(), in[0].shape(), shape).equals(in[0].shape())) {
      throw new ShapeException("Op sum_to cannot sum " + in[0].shape() + " to " + shape + ".");
    }
    return new Tensor[] {FloatTensor.ofSpec(shape, MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    float[] from = ((FloatTensor) in[0]).toArray();
    double[] sums = new double[(int) shape.numel()];
    ExpandOp.walk(
        in[0].shape(),
        ExpandOp.expandedStrides(shape, in[0].shape()),
        (i, j) -> sums[j] += from[i]);
    float[] to = new float[sums.length];
    for (int i = 0; i < to.length; i++) {
      to[i] = (float) sums[i];
    }
    return new Tensor[] {FloatTensor.of(to, shape.dims())};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {new ExpandOp(inputs[0].shape(), inputs[0].format()).apply(grads[0])};
  }
}
