package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Gradient of {@link EmbeddingOp} (training): adds rows to those that the indices name. Inputs:
 * gradient [..., D], indices. Result: [V, D].
 */
public final class EmbeddingGradOp extends Op {
  private final int rows;

  /** For a table of {@code rows} rows. */
  public EmbeddingGradOp(int rows) {
    this.rows = rows;
  }

  @Override
  public String name() {
    return "embedding_grad";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("rows", rows);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    return new Tensor[] {
      FloatTensor.ofSpec(Shape.of(rows, in[0].size(-1)), MemoryFormat.CONTIGUOUS)
    };
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    int d = in[0].size(-1);
    long[] index = EmbeddingOp.indices(name(), in[1], rows);
    float[] g = ((FloatTensor) in[0]).toArray();
    float[] out = new float[rows * d];
    for (int i = 0; i < index.length; i++) {
      int to = (int) index[i] * d;
      for (int k = 0; k < d; k++) {
        out[to + k] += g[i * d + k];
      }
    }
    return new Tensor[] {FloatTensor.of(out, rows, d)};
  }
}
