package org.octet.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.octet.ops.DynamicLinearOp.Granularity;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;

/**
 * Dynamic linear layers: every row quantized by hand, for ranges in which the choice of parameters
 * is plain.
 */
class DynamicLinearTest {
  @Property(tries = 200)
  void rowsAndTensors(
      @ForAll long seed,
      @ForAll boolean perRow,
      @ForAll boolean reduceRange,
      @ForAll @IntRange(min = 0, max = 3) int mode,
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 40) int k,
      @ForAll @IntRange(min = 1, max = 40) int n) {
    Random r = new Random(seed);
    // Non-negative inputs: scale is max / levels and the zero point 0, whatever else the rule says.
    float[] x = new float[rows * k];
    for (int i = 0; i < x.length; i++) {
      x[i] = 0.1f + r.nextFloat() * (1 + i / k);
    }
    QuantizedTensor weight = QuantizedNaive.weight(r, mode, n, k);
    FloatTensor bias = r.nextBoolean() ? QuantizedNaive.floats(r, 1, n) : null;
    Activation activation = Activation.values()[r.nextInt(3)];
    DynamicLinearOp op =
        new DynamicLinearOp(
            reduceRange, perRow ? Granularity.PER_ROW : Granularity.PER_TENSOR, activation);
    FloatTensor y = (FloatTensor) op.apply(FloatTensor.of(x, rows, k), weight, bias);
    int levels = reduceRange ? 127 : 255;
    int[] ws = weight.intRepr();
    float[] want = new float[rows * n];
    for (int i = 0; i < rows; i++) {
      float max = 0;
      for (int j = perRow ? i * k : 0; j < (perRow ? (i + 1) * k : rows * k); j++) {
        max = Math.max(max, x[j]);
      }
      float scale = (float) ((double) max / levels);
      for (int o = 0; o < n; o++) {
        long acc = 0;
        for (int j = 0; j < k; j++) {
          long code = Math.min(levels, (long) Math.rint((double) (x[i * k + j] * (1f / scale))));
          acc += code * (ws[o * k + j] - QuantizedNaive.zeroPoint(weight.qparams(), o));
        }
        float v = (float) acc * (scale * QuantizedNaive.scale(weight.qparams(), o));
        v = bias == null ? v : v + bias.get(o);
        v = v < activation.lo() ? activation.lo() : v;
        want[i * n + o] = v > activation.hi() ? activation.hi() : v;
      }
    }
    assertArrayEquals(want, y.toArray());
  }

  @Test
  void aRowDoesNotDependOnItsBatchWhenQuantizedPerRow() {
    Random r = new Random(5);
    FloatTensor x = QuantizedNaive.floats(r, 3, 4, 32);
    QuantizedTensor weight = QuantizedNaive.weight(r, 2, 8, 32);
    DynamicLinearOp op = new DynamicLinearOp(false, Granularity.PER_ROW, Activation.NONE);
    float[] all = ((FloatTensor) op.apply(x, weight, null)).toArray();
    for (int i = 0; i < 4; i++) {
      float[] one = ((FloatTensor) op.apply(x.slice(0, i, i + 1), weight, null)).toArray();
      assertArrayEquals(java.util.Arrays.copyOfRange(all, i * 8, i * 8 + 8), one);
    }
  }

  @Test
  void zerosGiveTheBias() {
    QuantizedTensor weight = QuantizedNaive.weight(new Random(1), 0, 3, 4);
    FloatTensor y =
        (FloatTensor)
            new DynamicLinearOp(true, Granularity.PER_TENSOR, Activation.NONE)
                .apply(FloatTensor.zeros(2, 4), weight, FloatTensor.of(new float[] {1, -2, 3}, 3));
    assertArrayEquals(new float[] {1, -2, 3, 1, -2, 3}, y.toArray());
    assertEquals(DType.FLOAT32, y.dtype());
  }
}
