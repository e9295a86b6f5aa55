package org.octet.nn;

import org.octet.ops.EmbeddingOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * Rows of a table: int64 indices of any shape to [..., embeddingDim]. State: weight [numEmbeddings,
 * embeddingDim].
 */
public class Embedding extends Module {
  private final Key weight;

  /** A table of normally distributed values, as PyTorch's. */
  public Embedding(int numEmbeddings, int embeddingDim) {
    this(Init.normal(numEmbeddings, embeddingDim));
  }

  /** A given table, [numEmbeddings, embeddingDim]. */
  public Embedding(FloatTensor weight) {
    this.weight = param("weight", weight);
  }

  /** The table. */
  public final FloatTensor weight() {
    return get(weight);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return EmbeddingOp.INSTANCE.apply(weight(), in[0]);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + weight().size(0) + ", " + weight().size(1) + ")";
  }
}
