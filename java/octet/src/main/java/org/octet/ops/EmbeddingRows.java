package org.octet.ops;

import java.nio.ByteBuffer;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;

/**
 * Tables of embeddings as packed rows, in PyTorch's layout: the codes of a row, low bits first,
 * then its scale and its bias, float32 for codes of 8 bits and float16 for 4 and 2. A value is
 * {@code scale * code + bias}. A packed table is a quint8 tensor [rows, bytes] of scale 1 and zero
 * point 0.
 *
 * @param bits of a code: 8, 4 or 2
 * @param dim values of a row
 */
public record EmbeddingRows(int bits, int dim) {
  private static final QParams BYTES = QParams.perTensor(1, 0, DType.QUINT8);

  /** Checks the two. */
  public EmbeddingRows {
    if ((bits != 8 && bits != 4 && bits != 2) || dim < 1) {
      throw new OctetException(
          "Rows of an embedding got "
              + bits
              + " bits and "
              + dim
              + " values; expected 8, 4 or 2 bits and at least one value.");
    }
  }

  /**
   * The rows of a table that was quantized with float zero points.
   *
   * @throws DTypeException if its codes are not quint8, quint4x2 or quint2x4
   * @throws QParamsException if it has no float zero point for each row
   * @throws ShapeException if it has not two dimensions
   */
  public static EmbeddingRows of(QuantizedTensor table) {
    int bits =
        switch (table.dtype()) {
          case QUINT8 -> 8;
          case QUINT4X2 -> 4;
          case QUINT2X4 -> 2;
          default ->
              throw new DTypeException(
                  "A table of embeddings has the dtype "
                      + table.dtype()
                      + "; expected quint8, quint4x2 or quint2x4.");
        };
    if (!table.qscheme().hasFloatZeroPoints() || table.qparams().axis() != 0) {
      throw new QParamsException(
          "A table of embeddings is quantized as "
              + table.qparams()
              + "; expected per_channel_affine_float_qparams on axis 0. Use"
              + " QConfigs.FLOAT_QPARAMS_WEIGHT_ONLY or DEFAULT_EMBEDDING_QAT.");
    }
    return new EmbeddingRows(bits, columns(table));
  }

  private static int columns(Tensor table) {
    if (table.shape().rank() != 2) {
      throw new ShapeException(
          "A table of embeddings has the shape "
              + table.shape()
              + "; expected [rows, values of a row].");
    }
    return table.size(1);
  }

  /** Bytes of a packed row. */
  public int rowBytes() {
    return codeBytes() + (bits == 8 ? 8 : 4);
  }

  private int codeBytes() {
    return (dim * bits + 7) / 8;
  }

  /**
   * Rounds a float table to rows, each of the range of its own values (PyTorch's
   * embedding_bag_byte_prepack, embedding_bag_4bit_prepack and embedding_bag_2bit_prepack).
   */
  public static QuantizedTensor pack(FloatTensor table, int bits) {
    EmbeddingRows rows = new EmbeddingRows(bits, columns(table));
    float[] x = table.toArray();
    int[] codes = new int[x.length];
    float[] scales = new float[table.size(0)];
    float[] biases = new float[scales.length];
    for (int r = 0; r < scales.length; r++) {
      int from = r * rows.dim;
      float min = x[from];
      float max = min;
      for (int i = from; i < from + rows.dim; i++) {
        min = Math.min(min, x[i]);
        max = Math.max(max, x[i]);
      }
      float inverse;
      if (bits == 8) {
        inverse = 255f / (max - min + 1e-8f);
        scales[r] = (max - min) / 255f;
      } else {
        min = Half.toFloat(Half.ofFloat(min));
        float scale = max == min ? 1f : (max - min) / ((1 << bits) - 1);
        scale = Half.toFloat(Half.ofFloat(scale));
        scales[r] = scale == 0 || Float.isInfinite(1f / scale) ? 1f : scale;
        inverse = 1f / scales[r];
      }
      biases[r] = min;
      for (int i = from; i < from + rows.dim; i++) {
        double code = Math.rint((double) ((x[i] - min) * inverse));
        codes[i] = (int) Math.max(0, Math.min((1 << bits) - 1, code));
      }
    }
    return rows.write(codes, scales, biases);
  }

  /**
   * A narrower range for one row (PyTorch's choose_qparams_optimized): from both ends, one bin at a
   * time, the side that costs less in squared error moves inwards, and the best range on the way
   * wins.
   *
   * @param row its values, at least one
   * @param bins parts of the row's own range: 200 is usual
   * @param ratio how much of it may be cut off: 0.16 is usual
   * @return {minimum, maximum}
   */
  public static float[] optimizedRange(float[] row, int bins, float ratio, int bits) {
    float min = row[0];
    float max = row[0];
    for (float v : row) {
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
    float step = (max - min) / bins;
    float least = (int) (bins * (1.0 - ratio)) * step;
    float left = min;
    float right = max;
    float loss = loss(row, min, max, bits);
    float best = loss;
    while (left + least < right) {
      float cutLeft = loss(row, left + step, right, bits);
      float cutRight = loss(row, left, right - step, bits);
      if (loss < cutLeft && loss < cutRight && loss < best) {
        best = loss;
        min = left;
        max = right;
      }
      if (cutLeft < cutRight) {
        left = left + step;
        loss = cutLeft;
      } else {
        right = right - step;
        loss = cutRight;
      }
    }
    return new float[] {min, max};
  }

  /** Distance between a row and its rounding in that range, with float16 scale and minimum. */
  private static float loss(float[] row, float from, float to, int bits) {
    float min = Half.toFloat(Half.ofFloat(from));
    float range = to - min;
    float most = (1 << bits) - 1;
    float scale = range == 0 ? 1f : Half.toFloat(Half.ofFloat(range / most));
    float inverse = scale == 0 ? 1f : 1f / scale;
    float sum = 0;
    for (float x : row) {
      float code = Math.max(0f, Math.min((float) Math.rint((x - min) * inverse), most));
      float off = x - (code * scale + min);
      sum += off * off;
    }
    return (float) Math.sqrt(sum);
  }

  /** Packs a table that fits {@link #of}: bias is {@code -zero point * scale}. */
  public static QuantizedTensor pack(QuantizedTensor table) {
    EmbeddingRows rows = of(table);
    float[] biases = table.qparams().floatZeroPoints();
    for (int r = 0; r < biases.length; r++) {
      biases[r] = -biases[r] * table.qparams().scale(r);
    }
    return rows.write(table.intRepr(), table.qparams().scales(), biases);
  }

  private QuantizedTensor write(int[] codes, float[] scales, float[] biases) {
    int[] bytes = new int[scales.length * rowBytes()];
    for (int r = 0; r < scales.length; r++) {
      int at = r * rowBytes();
      for (int i = 0; i < dim; i++) {
        bytes[at + i * bits / 8] |= codes[r * dim + i] << i * bits % 8;
      }
      int end = at + codeBytes();
      if (bits == 8) {
        put(bytes, end, Float.floatToRawIntBits(scales[r]), 4);
        put(bytes, end + 4, Float.floatToRawIntBits(biases[r]), 4);
      } else {
        put(bytes, end, Half.ofFloat(scales[r]), 2);
        put(bytes, end + 2, Half.ofFloat(biases[r]), 2);
      }
    }
    return QuantizedTensor.ofCodes(bytes, BYTES, scales.length, rowBytes());
  }

  private static void put(int[] bytes, int at, int value, int n) {
    for (int i = 0; i < n; i++) {
      bytes[at + i] = value >>> 8 * i & 255;
    }
  }

  /** The values of a packed table, [rows, dim]. */
  public FloatTensor unpack(QuantizedTensor packed) {
    check("embedding_rows", packed);
    int n = packed.size(0);
    float[] out = new float[n * dim];
    read(
        packed,
        table -> {
          for (int r = 0; r < n; r++) {
            add(table, r, 1f, out, r * dim);
          }
        });
    return FloatTensor.of(out, n, dim);
  }

  /** Checks that this is what packed rows look like. */
  void check(String op, Tensor packed) {
    boolean fits =
        packed instanceof QuantizedTensor
            && packed.dtype() == DType.QUINT8
            && packed.shape().rank() == 2
            && packed.size(1) == rowBytes();
    if (!fits) {
      throw new ShapeException(
          "Op "
              + op
              + " got a table that is a "
              + Checks.describe(packed)
              + "; expected packed rows, quint8 [rows, "
              + rowBytes()
              + "].");
    }
  }

  /** What is done with the memory of a packed table. */
  interface Reader {
    void run(ByteBuffer table);
  }

  static void read(Tensor packed, Reader reader) {
    Tensor dense = packed.contiguous();
    Storage s = dense.storage();
    s.acquire();
    try {
      reader.run(s.view(dense.byteOffset(), dense.numel()));
    } finally {
      s.release();
    }
  }

  /**
   * Adds {@code weight} times row {@code r}: {@code out += (weight * scale) * code + weight *
   * bias}.
   */
  void add(ByteBuffer table, int r, float weight, float[] out, int at) {
    int row = r * rowBytes();
    int end = row + codeBytes();
    float scale = bits == 8 ? table.getFloat(end) : Half.toFloat(table.getShort(end));
    float bias = bits == 8 ? table.getFloat(end + 4) : Half.toFloat(table.getShort(end + 2));
    float s = weight * scale;
    float b = weight * bias;
    if (bits == 8) {
      for (int i = 0; i < dim; i++) {
        out[at + i] += s * (table.get(row + i) & 255) + b;
      }
      return;
    }
    int mask = (1 << bits) - 1;
    int perByte = 8 / bits;
    for (int i = 0; i < dim; i++) {
      int code = table.get(row + i / perByte) >> i % perByte * bits & mask;
      out[at + i] += s * code + b;
    }
  }

  /** The result of looking up indices of this shape. */
  Shape looked(Tensor indices) {
    int rank = indices.shape().rank();
    int[] dims = java.util.Arrays.copyOf(indices.shape().dims(), rank + 1);
    dims[rank] = dim;
    return Shape.of(dims);
  }
}
