package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Sums or means of rows of a packed table (see {@link EmbeddingRows}; PyTorch's
 * embedding_bag_byte_rowwise_offsets and its 4- and 2-bit forms). Inputs: the table; indices int64
 * [N]; offsets int64 [B], where each bag begins, or with the end of the last one [B + 1]; a weight
 * for each index, float32 [N], or null. Result: float32 [B, dim]; an empty bag gives 0. Runs
 * eagerly only.
 */
public final class EmbeddingRowsBagOp extends Op {
  private final EmbeddingRows rows;
  private final boolean mean;
  private final boolean includeLastOffset;

  /**
   * A bag op.
   *
   * @param mean mean instead of sum
   * @param includeLastOffset whether the last offset is the end of the last bag
   */
  public EmbeddingRowsBagOp(EmbeddingRows rows, boolean mean, boolean includeLastOffset) {
    this.rows = rows;
    this.mean = mean;
    this.includeLastOffset = includeLastOffset;
  }

  @Override
  public String name() {
    return "embedding_rows_bag";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of(
        "bits",
        rows.bits(),
        "dim",
        rows.dim(),
        "mean",
        mean,
        "include_last_offset",
        includeLastOffset);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    rows.check(name(), in[0]);
    EmbeddingOp.requireIndices(name(), in[1]);
    EmbeddingOp.requireIndices(name(), in[2]);
    if (in[1].shape().rank() != 1 || in[2].shape().rank() != 1) {
      throw new ShapeException(
          "Op "
              + name()
              + " got indices "
              + in[1].shape()
              + " and offsets "
              + in[2].shape()
              + "; expected one dimension each.");
    }
    if (in[3] != null) {
      if (mean) {
        throw new OctetException(
            "Op " + name() + " got weights for a mean; weights are for sums only.");
      }
      if (!Checks.floatInput(name(), in[3]).shape().equals(in[1].shape())) {
        throw new ShapeException(
            "Op "
                + name()
                + " got weights of shape "
                + in[3].shape()
                + "; expected one for each index, "
                + in[1].shape()
                + ".");
      }
    }
    int bags = in[2].size(0) - (includeLastOffset ? 1 : 0);
    return new Tensor[] {FloatTensor.ofSpec(Shape.of(bags, rows.dim()), MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    Shape shape = infer(in)[0].shape();
    int dim = rows.dim();
    long[] index = EmbeddingOp.indices(name(), in[1], in[0].size(0));
    int[] bounds = BagOp.bounds(name(), in[2], index.length, includeLastOffset);
    float[] weights = in[3] == null ? null : ((FloatTensor) in[3]).toArray();
    float[] out = new float[shape.dim(0) * dim];
    EmbeddingRows.read(
        in[0],
        table ->
            Parallel.forRange(
                shape.dim(0),
                8,
                (a, b) -> {
                  for (int bag = a; bag < b; bag++) {
                    for (int i = bounds[bag]; i < bounds[bag + 1]; i++) {
                      float weight = weights == null ? 1f : weights[i];
                      rows.add(table, (int) index[i], weight, out, bag * dim);
                    }
                    for (int k = 0; mean && k < dim; k++) {
                      out[bag * dim + k] /= Math.max(1, bounds[bag + 1] - bounds[bag]);
                    }
                  }
                }));
    return new Tensor[] {FloatTensor.of(out, shape.dims())};
  }
}
