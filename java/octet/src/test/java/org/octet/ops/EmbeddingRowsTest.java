package org.octet.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Packed rows of embeddings beyond what is recorded: odd sizes, extremes, misuse. */
class EmbeddingRowsTest {
  private static FloatTensor table(int n, int dim, long seed) {
    Random r = new Random(seed);
    float[] v = new float[n * dim];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextGaussian() * (1 + i / dim % 5);
    }
    return FloatTensor.of(v, n, dim);
  }

  private static LongTensor longs(long... v) {
    return LongTensor.of(v, v.length);
  }

  @Test
  void everyHalfComesBack() {
    for (int h = 0; h < 1 << 16; h++) {
      float x = Half.toFloat((short) h);
      if (x == x) {
        assertEquals((short) h, Half.ofFloat(x), "half " + h);
      } else {
        assertTrue(Float.isNaN(Half.toFloat(Half.ofFloat(x))), "half " + h);
      }
    }
  }

  /** Between each half and the next: the middle goes to the even one, all else to the nearer. */
  @Test
  void halvesAreRoundedToTheNearestEven() {
    for (int h = 0; h < 0x7bff; h++) {
      float low = Half.toFloat((short) h);
      float high = Half.toFloat((short) (h + 1));
      float middle = (low + high) / 2;
      assertEquals(h % 2 == 0 ? h : h + 1, Half.ofFloat(middle), "above " + h);
      assertEquals(h, Half.ofFloat(Math.nextDown(middle)), "below the middle above " + h);
      assertEquals(h + 1, Half.ofFloat(Math.nextUp(middle)), "over the middle above " + h);
      assertEquals((short) (h + 1 | 0x8000), Half.ofFloat(-Math.nextUp(middle)));
    }
    assertEquals(0x7bff, Half.ofFloat(Math.nextDown(65520f)));
    assertEquals(0x7c00, Half.ofFloat(65520f));
    assertEquals((short) 0xfc00, Half.ofFloat(-1e30f));
  }

  /** A packed row is within half a step of the row it was made of; odd sizes leave bits unused. */
  @Test
  void rowsOfAnySizeAreWithinHalfAStep() {
    for (int bits : new int[] {8, 4, 2}) {
      for (int dim : new int[] {1, 2, 3, 5, 8, 13, 64, 67}) {
        FloatTensor w = table(7, dim, dim);
        EmbeddingRows rows = new EmbeddingRows(bits, dim);
        QuantizedTensor packed = EmbeddingRows.pack(w, bits);
        assertEquals(rows.rowBytes(), packed.size(1));
        float[] x = w.toArray();
        float[] y = rows.unpack(packed).toArray();
        for (int i = 0; i < x.length; i++) {
          float min = Float.POSITIVE_INFINITY;
          float max = Float.NEGATIVE_INFINITY;
          for (int k = i / dim * dim; k < (i / dim + 1) * dim; k++) {
            min = Math.min(min, x[k]);
            max = Math.max(max, x[k]);
          }
          float step = (max - min) / ((1 << bits) - 1);
          // The float16 minimum and scale are off by up to 2^-11 of their size each.
          float half = bits == 8 ? 1e-6f : (Math.abs(min) + (max - min)) / 1024;
          assertEquals(x[i], y[i], step * 0.5001f + half, bits + " bits, size " + dim);
        }
      }
    }
  }

  @Test
  void constantAndHugeRows() {
    for (int bits : new int[] {8, 4, 2}) {
      EmbeddingRows rows = new EmbeddingRows(bits, 3);
      FloatTensor same =
          FloatTensor.of(new float[] {0, 0, 0, 2.5f, 2.5f, 2.5f, 0, 1e-20f, 0}, 3, 3);
      float[] y = rows.unpack(EmbeddingRows.pack(same, bits)).toArray();
      assertArrayEquals(same.toArray(), y, 1e-19f, bits + " bits");
    }
  }

  @Test
  void tablesWithFloatZeroPointsKeepTheirCodes() {
    DType[] types = {DType.QUINT8, DType.QUINT4X2, DType.QUINT2X4};
    for (DType type : types) {
      FloatTensor w = table(5, 9, 3);
      float[] scales = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f};
      float[] zeros = {0.3f, 1.25f, 0f, 2.5f, 1.1f};
      QuantizedTensor q = QuantizedTensor.quantizePerChannel(w, scales, zeros, 0, type);
      EmbeddingRows rows = EmbeddingRows.of(q);
      float[] y = rows.unpack(EmbeddingRows.pack(q)).toArray();
      int[] codes = q.intRepr();
      float[] x = w.toArray();
      for (int i = 0; i < y.length; i++) {
        int r = i / 9;
        double code = Math.rint(x[i] * (1f / scales[r]) + zeros[r]);
        assertEquals(Math.max(0, Math.min(type.quantMax(), code)), codes[i]);
        float exact = scales[r] * codes[i] - zeros[r] * scales[r];
        assertEquals(exact, y[i], type == DType.QUINT8 ? 1e-5f : 0.01f, type + " value " + i);
      }
      assertEquals(q.qparams(), q.copy().qparams());
    }
  }

  @Test
  void bagsAreSumsOfRows() {
    for (int bits : new int[] {8, 4, 2}) {
      EmbeddingRows rows = new EmbeddingRows(bits, 5);
      QuantizedTensor packed = EmbeddingRows.pack(table(6, 5, 1), bits);
      LongTensor index = longs(5, 0, 0, 3, 2);
      float[] each = ((FloatTensor) new EmbeddingRowsOp(rows).apply(packed, index)).toArray();
      FloatTensor weights = FloatTensor.of(new float[] {1, 2, -1, 0.5f, 0}, 5);
      float[] sum = bag(rows, false, packed, index, null);
      float[] mean = bag(rows, true, packed, index, null);
      float[] weighted = bag(rows, false, packed, index, weights);
      for (int k = 0; k < 5; k++) {
        assertEquals(each[k] + each[5 + k] + each[10 + k], sum[k], 1e-5f);
        assertEquals(0f, sum[5 + k], "an empty bag");
        assertEquals(each[15 + k] + each[20 + k], sum[10 + k], 1e-5f);
        assertEquals(sum[k] / 3, mean[k], 1e-6f);
        assertEquals(each[k] + 2 * each[5 + k] - each[10 + k], weighted[k], 1e-5f);
        assertEquals(0.5f * each[15 + k], weighted[10 + k], 1e-5f);
      }
    }
  }

  private static float[] bag(
      EmbeddingRows rows, boolean mean, Tensor packed, LongTensor index, FloatTensor weights) {
    Tensor y =
        new EmbeddingRowsBagOp(rows, mean, false).apply(packed, index, longs(0, 3, 3), weights);
    return ((FloatTensor) y).toArray();
  }

  @Test
  void misuse() {
    EmbeddingRows rows = new EmbeddingRows(8, 5);
    QuantizedTensor packed = EmbeddingRows.pack(table(6, 5, 1), 8);
    EmbeddingRowsOp op = new EmbeddingRowsOp(rows);
    says(ShapeException.class, "0 to 5", () -> op.apply(packed, longs(6)));
    says(OctetException.class, "int64", () -> op.apply(packed, FloatTensor.zeros(2)));
    says(ShapeException.class, "[rows, 13]", () -> op.apply(FloatTensor.zeros(6, 13), longs(1)));
    says(OctetException.class, "8, 4 or 2", () -> new EmbeddingRows(3, 5));
    EmbeddingRowsBagOp mean = new EmbeddingRowsBagOp(rows, true, false);
    FloatTensor weight = FloatTensor.zeros(1);
    says(OctetException.class, "sums only", () -> mean.apply(packed, longs(1), longs(0), weight));
    QuantizedTensor plain = QuantizedTensor.quantizePerTensor(table(2, 3, 1), 0.1, 3, DType.QUINT8);
    says(QParamsException.class, "FLOAT_QPARAMS_WEIGHT_ONLY", () -> EmbeddingRows.pack(plain));
    QParams q = QParams.perChannelFloat(new float[] {1}, new float[] {0.5f}, 0, DType.QUINT8);
    says(QParamsException.class, "floatZeroPoints", () -> q.zeroPoint(0));
    says(
        QParamsException.class,
        "NaN",
        () -> QParams.perChannelFloat(new float[] {1}, new float[] {Float.NaN}, 0, DType.QUINT8));
  }

  private static void says(Class<? extends OctetException> type, String part, Runnable action) {
    OctetException e = assertThrows(type, action::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
