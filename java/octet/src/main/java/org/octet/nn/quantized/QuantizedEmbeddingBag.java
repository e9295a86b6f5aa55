package org.octet.nn.quantized;

import org.octet.nn.EmbeddingBag.Mode;
import org.octet.ops.EmbeddingRowsBagOp;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Sums or means of rows of a table of 8, 4 or 2 bits. Inputs: int64 indices [N], offsets [B], where
 * each bag begins, and, if wanted, a weight for each index, float32 [N], for sums; result float32
 * [B, embeddingDim]. State: packed_rows (quint8 [numEmbeddings, bytes of a row]).
 */
public class QuantizedEmbeddingBag extends QuantizedTable {
  private final Mode mode;
  private final EmbeddingRowsBagOp op;

  /**
   * A given table.
   *
   * @param table quint8, quint4x2 or quint2x4 [numEmbeddings, embeddingDim], with a float zero
   *     point for each row
   * @param includeLastOffset whether offsets have the end of the last bag too, [B + 1]
   * @throws org.octet.tensor.OctetException if its dtype, scheme or shape is another
   */
  public QuantizedEmbeddingBag(QuantizedTensor table, Mode mode, boolean includeLastOffset) {
    super(table);
    this.mode = mode;
    op = new EmbeddingRowsBagOp(layout(), mode == Mode.MEAN, includeLastOffset);
  }

  /** How a bag's rows are joined. */
  public final Mode mode() {
    return mode;
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(packedRows(), in[0], in[1], in.length > 2 ? in[2] : null);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + details() + ", " + mode + ")";
  }
}
