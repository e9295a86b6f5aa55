package org.octet.nn.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.octet.graph.Tracer;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.ShapeException;

class WeightOnlyLinearTest {
  private static FloatTensor random(long seed, int... dims) {
    Random r = new Random(seed);
    int n = 1;
    for (int d : dims) {
      n *= d;
    }
    float[] v = new float[n];
    for (int i = 0; i < n; i++) {
      v[i] = (float) r.nextGaussian();
    }
    return FloatTensor.of(v, dims);
  }

  /**
   * Against the sum in double, with the rounded weights; and the rounding itself is half a step.
   */
  @ParameterizedTest
  @CsvSource({"8, 32", "4, 32", "8, 5", "4, 160"})
  void computesWithItsRoundedWeights(int bits, int group) {
    int k = 160;
    int n = 21;
    FloatTensor w = random(1, n, k);
    FloatTensor bias = random(2, n);
    FloatTensor x = random(3, 2, 3, k);
    WeightOnlyLinear layer = WeightOnlyLinear.of(w, bias, bits, group);
    float[] y = ((FloatTensor) layer.forward(x)).toArray();
    assertEquals(6 * n, y.length);
    int[] codes = layer.weight().intRepr();
    float[] xs = x.toArray();
    float[] ws = w.toArray();
    for (int row = 0; row < 6; row++) {
      for (int o = 0; o < n; o++) {
        double sum = bias.toArray()[o];
        for (int i = 0; i < k; i++) {
          float scale = layer.weight().qparams().scale((o * k + i) / group);
          double rounded = (double) codes[o * k + i] * scale;
          assertTrue(Math.abs(rounded - ws[o * k + i]) <= 0.5001 * scale);
          sum += xs[row * k + i] * rounded;
        }
        assertEquals(sum, y[row * n + o], 2e-4);
      }
    }
  }

  @Test
  void aProgramGivesTheSameBits() {
    WeightOnlyLinear layer = WeightOnlyLinear.of(random(1, 33, 64), null, 4, 32);
    FloatTensor x = random(2, 3, 64);
    float[] eager = ((FloatTensor) layer.forward(x)).toArray();
    try (Program program = Program.compile(Tracer.trace(layer, x))) {
      assertArrayEquals(eager, ((FloatTensor) program.run(x)).toArray());
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    FloatTensor w = random(1, 4, 12);
    assertThrows(ShapeException.class, () -> WeightOnlyLinear.of(w, null, 8, 5));
    assertThrows(IllegalArgumentException.class, () -> WeightOnlyLinear.of(w, null, 3, 4));
    WeightOnlyLinear eight = WeightOnlyLinear.of(w, null, 8, 4);
    assertThrows(ShapeException.class, () -> new WeightOnlyLinear(eight.weight(), null, 4));
    assertThrows(ShapeException.class, () -> eight.forward(random(2, 1, 10)));
    WeightOnlyLinear odd = WeightOnlyLinear.of(w, null, 4, 3);
    assertThrows(ShapeException.class, () -> odd.forward(random(2, 1, 12)));
  }
}
