package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Swaps two dimensions that stand side by side, and moves the elements: of float32 or of 8-bit
 * tensors. What attention needs to bring its heads together.
 */
public final class TransposeOp extends Op {
  private final int dim0;
  private final int dim1;

  /** Swaps {@code dim0} and {@code dim1}, which may count from the end. */
  public TransposeOp(int dim0, int dim1) {
    this.dim0 = dim0;
    this.dim1 = dim1;
  }

  @Override
  public String name() {
    return "transpose";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("dim0", dim0, "dim1", dim1);
  }

  /** The first of the two dimensions. */
  private int first(Shape shape) {
    int a = shape.normalizeAxis(dim0);
    int b = shape.normalizeAxis(dim1);
    if (Math.abs(a - b) != 1) {
      throw new ShapeException(
          "Op transpose got the dimensions "
              + dim0
              + " and "
              + dim1
              + " of shape "
              + shape
              + "; expected neighbours. Transpose step by step.");
    }
    return Math.min(a, b);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Tensor x = in[0];
    Checks.notEmpty(name(), x);
    int at = first(x.shape());
    Shape shape = x.shape().with(at, x.size(at + 1)).with(at + 1, x.size(at));
    if (x instanceof FloatTensor) {
      return new Tensor[] {FloatTensor.ofSpec(shape, MemoryFormat.CONTIGUOUS)};
    }
    QuantizedTensor q = Checks.quantizedInput(name(), x);
    return new Tensor[] {QuantizedTensor.ofSpec(shape, MemoryFormat.CONTIGUOUS, q.qparams())};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CONTIGUOUS;
  }

  @Override
  public Lowering lower(Tensor... in) {
    int at = first(in[0].shape());
    int[] dims = in[0].shape().dims();
    int before = 1;
    int bytes = in[0].dtype().bytes();
    for (int i = 0; i < dims.length; i++) {
      before *= i < at ? dims[i] : 1;
      bytes = Math.multiplyExact(bytes, i > at + 1 ? dims[i] : 1);
    }
    return Lowering.of(
        OpKind.TRANSPOSE, Attributes.builder().ints(bytes).build(), before, dims[at], dims[at + 1]);
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {apply(grads[0])};
  }
}
