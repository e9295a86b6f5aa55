package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Joins float tensors along an axis; their other dimensions must be equal. */
public final class CatOp extends Op {
  private final int axis;

  /** Joins along {@code axis}; a negative one counts from the last. */
  public CatOp(int axis) {
    this.axis = axis;
  }

  @Override
  public String name() {
    return "cat";
  }

  /** The axis, perhaps negative. */
  public int axis() {
    return axis;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("axis", axis);
  }

  /** The joined shape; also checks the inputs against each other. */
  static Shape joined(String op, int axis, Tensor... in) {
    if (in.length == 0) {
      throw new ShapeException("Op " + op + " got no tensors; expected at least one.");
    }
    Shape first = in[0].shape();
    int a = first.normalizeAxis(axis);
    int sum = 0;
    for (Tensor t : in) {
      Checks.notEmpty(op, t);
      if (t.shape().rank() != first.rank() || !t.shape().with(a, first.dim(a)).equals(first)) {
        throw new ShapeException(
            "Op "
                + op
                + " got shapes "
                + first
                + " and "
                + t.shape()
                + "; expected equal sizes but for axis "
                + a
                + ".");
      }
      sum += t.size(a);
    }
    return first.with(a, sum);
  }

  /**
   * dims of OpKind.CONCAT: {outer, inner of each input}, for inputs that are dense in the first
   * one's order.
   */
  static int[] dims(int axis, Tensor... in) {
    MemoryFormat format = in[0].format();
    int[] dims = new int[in.length + 1];
    for (int i = 0; i < in.length; i++) {
      int[] memory = memoryOrder(in[i].shape(), format);
      int a = memoryAxis(in[i].shape().normalizeAxis(axis), memory.length, format);
      dims[0] = 1;
      dims[i + 1] = 1;
      for (int d = 0; d < memory.length; d++) {
        dims[d < a ? 0 : i + 1] *= memory[d];
      }
    }
    return dims;
  }

  private static int[] memoryOrder(Shape shape, MemoryFormat format) {
    int[] d = shape.dims();
    if (format == MemoryFormat.CHANNELS_LAST) {
      int c = d[1];
      System.arraycopy(d, 2, d, 1, d.length - 2);
      d[d.length - 1] = c;
    }
    return d;
  }

  private static int memoryAxis(int axis, int rank, MemoryFormat format) {
    return format != MemoryFormat.CHANNELS_LAST || axis == 0
        ? axis
        : axis == 1 ? rank - 1 : axis - 1;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Shape shape = joined(name(), axis, in);
    for (Tensor t : in) {
      Checks.floatInput(name(), t);
    }
    return new Tensor[] {FloatTensor.ofSpec(shape, in[0].format())};
  }

  @Override
  public Lowering lower(Tensor... in) {
    Attributes.Builder b =
        Attributes.builder().ints(Attributes.F32, in.length).floats(1f).ints(0, 0, 0);
    for (int i = 0; i < in.length; i++) {
      b.floats(1f).ints(0, 1);
    }
    return Lowering.of(OpKind.CONCAT, b.build(), dims(axis, in));
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    Tensor[] result = new Tensor[inputs.length];
    int at = 0;
    for (int i = 0; i < inputs.length; i++) {
      int size = inputs[i].size(axis);
      result[i] = new SliceOp(axis, at, at + size).apply(grads[0]);
      at += size;
    }
    return result;
  }
}
