package org.octet.nn;

import org.octet.ops.BagOp;
import org.octet.ops.EmbeddingOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * Sums or means of rows of a table. Inputs: int64 indices [N] and offsets [B], where each bag
 * begins; result [B, embeddingDim]. State: weight [numEmbeddings, embeddingDim].
 */
public class EmbeddingBag extends Module {
  /** How a bag's rows are joined. */
  public enum Mode {
    /** Sum. */
    SUM,
    /** Mean, PyTorch's default. */
    MEAN
  }

  private final Key weight;
  private final Mode mode;
  private final boolean includeLastOffset;
  private final BagOp op;

  /** A table of normally distributed values. */
  public EmbeddingBag(int numEmbeddings, int embeddingDim, Mode mode) {
    this(Init.normal(numEmbeddings, embeddingDim), mode, false);
  }

  /**
   * A given table, [numEmbeddings, embeddingDim].
   *
   * @param includeLastOffset whether offsets have the end of the last bag too, [B + 1]
   */
  public EmbeddingBag(FloatTensor weight, Mode mode, boolean includeLastOffset) {
    this.weight = param("weight", weight);
    this.mode = mode;
    this.includeLastOffset = includeLastOffset;
    this.op = new BagOp(mode == Mode.MEAN, includeLastOffset);
  }

  /** The table. */
  public final FloatTensor weight() {
    return get(weight);
  }

  /** How a bag's rows are joined. */
  public final Mode mode() {
    return mode;
  }

  /** Whether offsets have the end of the last bag too. */
  public final boolean includeLastOffset() {
    return includeLastOffset;
  }

  /** The table that forward reads. */
  protected Tensor table() {
    return weight();
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(EmbeddingOp.INSTANCE.apply(table(), in[0]), in[1]);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + weight().size(0)
        + ", "
        + weight().size(1)
        + ", "
        + mode
        + ")";
  }
}
