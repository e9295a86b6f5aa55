package org.octet.nn.quantized;

import org.octet.nn.Module;
import org.octet.ops.EmbeddingRows;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;

/** What {@link QuantizedEmbedding} and {@link QuantizedEmbeddingBag} share: packed rows. */
public abstract class QuantizedTable extends Module {
  private final Key rows;
  private final EmbeddingRows layout;

  QuantizedTable(QuantizedTensor table) {
    layout = EmbeddingRows.of(table);
    rows = buffer("packed_rows", EmbeddingRows.pack(table));
    eval();
  }

  /** The packed rows, see {@link EmbeddingRows}. */
  public final QuantizedTensor packedRows() {
    return (QuantizedTensor) getBuffer(rows);
  }

  /** How the rows are packed. */
  public final EmbeddingRows layout() {
    return layout;
  }

  /** Number of rows. */
  public final int numEmbeddings() {
    return packedRows().size(0);
  }

  /** Values of a row. */
  public final int embeddingDim() {
    return layout.dim();
  }

  /** A copy of the table as real numbers, [numEmbeddings, embeddingDim]. */
  public final FloatTensor weight() {
    return layout.unpack(packedRows());
  }

  final String details() {
    return numEmbeddings() + ", " + embeddingDim() + ", " + layout.bits() + " bits";
  }
}
