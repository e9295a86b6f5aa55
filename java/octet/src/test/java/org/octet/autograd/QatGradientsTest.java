package org.octet.autograd;

import static org.octet.autograd.GradientCheck.check;
import static org.octet.autograd.GradientCheck.random;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.octet.ops.BagOp;
import org.octet.ops.BinaryOp;
import org.octet.ops.ChannelMomentsOp;
import org.octet.ops.ChannelScaleOp;
import org.octet.ops.EmbeddingOp;
import org.octet.ops.InverseOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;

/**
 * Gradients of the ops of quantization-aware training against central differences of an independent
 * forward.
 */
class QatGradientsTest {
  /** Values in 0.5 .. 1.5, far from a pole. */
  private static FloatTensor positive(Random r, int n) {
    FloatTensor t = random(r, n);
    float[] v = t.toArray();
    for (int i = 0; i < n; i++) {
      v[i] = 1 + v[i] / 2;
    }
    t.copyFrom(v);
    return t;
  }

  @Property(tries = 30)
  void weightTimesChannel(@ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int o) {
    Random r = new Random(seed);
    int inner = 1 + r.nextInt(40);
    check(
        r,
        t -> ChannelScaleOp.WEIGHT.apply(t[0], t[1], null),
        v -> map(v[0].length, i -> v[0][i] * v[1][i / inner]),
        random(r, o, inner),
        positive(r, o));
  }

  @Property(tries = 30)
  void activationTimesOrOverChannel(
      @ForAll long seed, @ForAll boolean divide, @ForAll boolean image) {
    Random r = new Random(seed);
    int c = 1 + r.nextInt(6);
    int pixels = image ? 6 : 1;
    FloatTensor x = image ? random(r, 3, c, 2, 3) : random(r, 3, c);
    check(
        r,
        t -> (divide ? ChannelScaleOp.DIVIDE : ChannelScaleOp.MULTIPLY).apply(t[0], t[1], t[2]),
        v ->
            map(
                v[0].length,
                i -> {
                  int k = i / pixels % c;
                  return (divide ? v[0][i] / v[1][k] : v[0][i] * v[1][k]) + v[2][k];
                }),
        x,
        positive(r, c),
        random(r, c));
  }

  @Property(tries = 20)
  void moments(@ForAll long seed) {
    Random r = new Random(seed);
    int c = 1 + r.nextInt(5);
    check(
        r,
        t -> {
          var m = new ChannelMomentsOp().applyAll(t[0]);
          return BinaryOp.ADD.apply(m[0], BinaryOp.MUL.apply(m[1], m[1]));
        },
        v ->
            map(
                c,
                k -> {
                  double mean = 0;
                  double square = 0;
                  for (int i = 0; i < v[0].length; i++) {
                    mean += i / 6 % c == k ? v[0][i] / 24 : 0;
                  }
                  for (int i = 0; i < v[0].length; i++) {
                    square += i / 6 % c == k ? (v[0][i] - mean) * (v[0][i] - mean) / 24 : 0;
                  }
                  return mean + square * square;
                }),
        random(r, 4, c, 2, 3));
  }

  @Test
  void inverses() {
    Random r = new Random(1);
    check(r, t -> InverseOp.RECIPROCAL.apply(t[0]), v -> map(7, i -> 1 / v[0][i]), positive(r, 7));
    double eps = 0.125;
    check(
        r,
        t -> InverseOp.rsqrt(eps).apply(t[0]),
        v -> map(7, i -> 1 / Math.sqrt(v[0][i] + eps)),
        positive(r, 7));
  }

  @Property(tries = 30)
  void bagsOfRows(@ForAll long seed, @ForAll boolean mean, @ForAll boolean includeLast) {
    Random r = new Random(seed);
    int n = 7;
    long[] index = r.longs(n, 0, 5).toArray();
    long[] offsets = includeLast ? new long[] {0, 2, 2, n} : new long[] {0, 2, 2};
    int[] bounds = {0, 2, 2, n};
    check(
        r,
        t ->
            new BagOp(mean, includeLast)
                .apply(
                    EmbeddingOp.INSTANCE.apply(t[0], LongTensor.of(index, n)),
                    LongTensor.of(offsets, offsets.length)),
        v ->
            map(
                9,
                i -> {
                  int bag = i / 3;
                  double sum = 0;
                  for (int k = bounds[bag]; k < bounds[bag + 1]; k++) {
                    sum += v[0][(int) index[k] * 3 + i % 3];
                  }
                  return mean ? sum / Math.max(1, bounds[bag + 1] - bounds[bag]) : sum;
                }),
        random(r, 5, 3));
  }

  private static double[] map(int n, java.util.function.IntToDoubleFunction f) {
    return java.util.stream.IntStream.range(0, n).mapToDouble(f).toArray();
  }
}
