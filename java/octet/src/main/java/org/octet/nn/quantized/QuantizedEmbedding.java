package org.octet.nn.quantized;

import org.octet.ops.EmbeddingRowsOp;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Rows of a table of 8, 4 or 2 bits: int64 indices of any shape to float32 [..., embeddingDim].
 * State: packed_rows (quint8 [numEmbeddings, bytes of a row]).
 */
public class QuantizedEmbedding extends QuantizedTable {
  private final EmbeddingRowsOp op;

  /**
   * A given table.
   *
   * @param table quint8, quint4x2 or quint2x4 [numEmbeddings, embeddingDim], with a float zero
   *     point for each row
   * @throws org.octet.tensor.OctetException if its dtype, scheme or shape is another
   */
  public QuantizedEmbedding(QuantizedTensor table) {
    super(table);
    op = new EmbeddingRowsOp(layout());
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(packedRows(), in[0]);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + details() + ")";
  }
}
