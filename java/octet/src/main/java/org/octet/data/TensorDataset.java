package org.octet.data;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Examples kept in two tensors: number i is index i of dimension 0. Copies the values: the tensors
 * may be closed.
 */
public final class TensorDataset implements Dataset {
  private final Column inputs;
  private final Column targets;

  /**
   * Examples of float or int64 tensors.
   *
   * @throws ShapeException if the sizes of dimension 0 differ or there is none
   */
  public TensorDataset(Tensor inputs, Tensor targets) {
    this.inputs = new Column(inputs);
    this.targets = new Column(targets);
    if (inputs.size(0) != targets.size(0)) {
      throw new ShapeException(
          "The dataset got inputs of shape "
              + inputs.shape()
              + " and targets of shape "
              + targets.shape()
              + "; expected as many of each.");
    }
  }

  @Override
  public int size() {
    return inputs.dims[0];
  }

  @Override
  public Batch batch(int... indices) {
    return new Batch(inputs.take(indices), targets.take(indices));
  }

  private static final class Column {
    final int[] dims;
    final int row;
    final float[] floats;
    final long[] longs;

    Column(Tensor t) {
      if (t.shape().rank() == 0) {
        throw new ShapeException("The dataset got a scalar; expected examples along dimension 0.");
      }
      dims = t.shape().dims();
      row = dims[0] == 0 ? 0 : (int) (t.numel() / dims[0]);
      floats = t instanceof FloatTensor f ? f.toArray() : null;
      longs = t instanceof LongTensor l ? l.toArray() : null;
      if (floats == null && longs == null) {
        throw new ShapeException(
            "The dataset got a " + t.dtype() + " tensor; expected float32 or int64.");
      }
    }

    Tensor take(int[] indices) {
      int[] d = dims.clone();
      d[0] = indices.length;
      Object values =
          floats != null ? new float[indices.length * row] : new long[indices.length * row];
      for (int i = 0; i < indices.length; i++) {
        int index = java.util.Objects.checkIndex(indices[i], dims[0]);
        System.arraycopy(floats != null ? floats : longs, index * row, values, i * row, row);
      }
      return floats != null
          ? FloatTensor.of((float[]) values, d)
          : LongTensor.of((long[]) values, d);
    }
  }
}
