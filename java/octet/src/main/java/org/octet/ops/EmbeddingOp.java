package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Rows of a table (training). Inputs: weight float32 [V, D]; indices int64 of any shape. Result:
 * [..., D].
 */
public final class EmbeddingOp extends Op {
  /** The op. */
  public static final EmbeddingOp INSTANCE = new EmbeddingOp();

  private EmbeddingOp() {}

  @Override
  public String name() {
    return "embedding";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.rank(name(), Checks.floatInput(name(), in[0]), 2, "[V, D]");
    requireIndices(name(), in[1]);
    int rank = in[1].shape().rank();
    int[] dims = new int[rank + 1];
    for (int i = 0; i < rank; i++) {
      dims[i] = in[1].size(i);
    }
    dims[rank] = in[0].size(1);
    return new Tensor[] {FloatTensor.ofSpec(Shape.of(dims), MemoryFormat.CONTIGUOUS)};
  }

  /** Checks that this is int64. */
  static void requireIndices(String op, Tensor t) {
    if (!(t instanceof LongTensor)) {
      throw new OctetException(
          "Op "
              + op
              + " got indices or offsets that are a "
              + Checks.describe(t)
              + "; expected int64.");
    }
  }

  /** The indices, each a row of {@code rows}. */
  static long[] indices(String op, Tensor t, int rows) {
    long[] index = ((LongTensor) t).toArray();
    for (long i : index) {
      if (i < 0 || i >= rows) {
        throw new ShapeException(
            "Op " + op + " got the index " + i + "; expected 0 to " + (rows - 1) + ".");
      }
    }
    return index;
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    Shape shape = infer(in)[0].shape();
    int d = in[0].size(1);
    long[] index = indices(name(), in[1], in[0].size(0));
    float[] w = ((FloatTensor) in[0]).toArray();
    float[] out = new float[index.length * d];
    for (int i = 0; i < index.length; i++) {
      System.arraycopy(w, (int) index[i] * d, out, i * d, d);
    }
    return new Tensor[] {FloatTensor.of(out, shape.dims())};
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {new EmbeddingGradOp(in[0].size(0)).apply(grads[0], in[1]), null};
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of();
  }
}
