package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Rows of a packed table (see {@link EmbeddingRows}). Inputs: the table; indices int64 of any
 * shape. Result: float32 [..., dim]. Reads one row an index; runs eagerly only.
 */
public final class EmbeddingRowsOp extends Op {
  private static final int GRAIN = 1 << 12;

  private final EmbeddingRows rows;

  /** A look-up in tables of such rows. */
  public EmbeddingRowsOp(EmbeddingRows rows) {
    this.rows = rows;
  }

  @Override
  public String name() {
    return "embedding_rows";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("bits", rows.bits(), "dim", rows.dim());
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    rows.check(name(), in[0]);
    EmbeddingOp.requireIndices(name(), in[1]);
    return new Tensor[] {FloatTensor.ofSpec(rows.looked(in[1]), MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    Shape shape = infer(in)[0].shape();
    long[] index = EmbeddingOp.indices(name(), in[1], in[0].size(0));
    float[] out = new float[index.length * rows.dim()];
    EmbeddingRows.read(
        in[0],
        table ->
            Parallel.forRange(
                index.length,
                Math.max(1, GRAIN / rows.dim()),
                (a, b) -> {
                  for (int i = a; i < b; i++) {
                    rows.add(table, (int) index[i], 1f, out, i * rows.dim());
                  }
                }));
    return new Tensor[] {FloatTensor.of(out, shape.dims())};
  }
}
