package org.octet.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.octet.autograd.GradientCheck.check;
import static org.octet.autograd.GradientCheck.random;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.octet.ops.MatmulOp;
import org.octet.ops.NormOp;
import org.octet.ops.SoftmaxOp;
import org.octet.ops.TransposeOp;
import org.octet.ops.UnaryOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;

/** Softmax, normalisations and their functions against plain forwards in double. */
class TransformerGradientsTest {
  @Test
  void softmaxOverTheLastDimension() {
    Random r = new Random(1);
    for (int n : new int[] {1, 2, 7, 16, 17, 40}) {
      check(r, t -> new SoftmaxOp(-1).apply(t[0]), v -> softmax(v[0], n, 1), random(r, 2, 3, n));
    }
  }

  @Test
  void softmaxOverTheChannelsOfAnImage() {
    Random r = new Random(2);
    for (MemoryFormat format : MemoryFormat.values()) {
      FloatTensor x = (FloatTensor) random(r, 2, 5, 3, 4).contiguous(format);
      check(r, t -> new SoftmaxOp(1).apply(t[0]), v -> softmax(v[0], 5, 12), x);
    }
  }

  @Test
  void softmaxMasksAndRefuses() {
    float inf = Float.POSITIVE_INFINITY;
    FloatTensor x = FloatTensor.of(new float[] {1, -inf, 1, -200, 3, Float.NaN}, 2, 3);
    float[] y = ((FloatTensor) new SoftmaxOp(1).apply(x)).toArray();
    assertEquals("[0.5, 0.0, 0.5, NaN, NaN, NaN]", Arrays.toString(y));
    FloatTensor image = FloatTensor.zeros(2, 3, 4, 5);
    ShapeException e = assertThrows(ShapeException.class, () -> new SoftmaxOp(2).apply(image));
    assertEquals(
        "Op softmax over dimension 2 got shape [2, 3, 4, 5]; expected the last dimension, or 1 for"
            + " the channels of an image. Permute before.",
        e.getMessage());
  }

  private static double[] softmax(double[] x, int n, int inner) {
    double[] y = new double[x.length];
    for (int at = 0; at < x.length; at++) {
      int first = at / (n * inner) * n * inner + at % inner;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += Math.exp(x[first + i * inner]);
      }
      y[at] = Math.exp(x[at]) / sum;
    }
    return y;
  }

  @Test
  void layerNorm() {
    Random r = new Random(3);
    for (int n : new int[] {2, 5, 16, 19, 33}) {
      NormOp op = NormOp.layer(Shape.of(n), 1e-5, null);
      check(
          r,
          t -> op.apply(t[0], t[1], t[2]),
          v -> norm(v, n, i -> i % n, 1e-5),
          random(r, 2, 3, n),
          random(r, n),
          random(r, n));
      check(r, t -> op.apply(t[0], null, null), v -> norm(v, n, i -> 0, 1e-5), random(r, 6, n));
    }
    NormOp op = NormOp.layer(Shape.of(3, 4), 1e-3, null);
    check(
        r,
        t -> op.apply(t[0], t[1], null),
        v -> norm(v, 12, i -> i % 12, 1e-3),
        random(r, 2, 3, 4),
        random(r, 3, 4));
  }

  @Test
  void groupAndInstanceNorm() {
    Random r = new Random(4);
    for (MemoryFormat format : MemoryFormat.values()) {
      FloatTensor x = (FloatTensor) random(r, 2, 6, 3, 4).contiguous(format);
      for (int groups : new int[] {1, 2, 3, 6}) {
        NormOp op = groups == 6 ? NormOp.instance(1e-5, null) : NormOp.group(groups, 1e-5, null);
        check(
            r,
            t -> op.apply(t[0], t[1], t[2]),
            v -> norm(v, 72 / groups, i -> i / 12 % 6, 1e-5),
            x,
            random(r, 6),
            random(r, 6));
      }
    }
    check(
        r,
        t -> NormOp.group(2, 1e-5, null).apply(t[0], null, t[1]),
        v -> norm(new double[][] {v[0], ones(4), v[1]}, 2, i -> i % 4, 1e-5),
        random(r, 5, 4),
        random(r, 4));
  }

  private static double[] ones(int n) {
    double[] v = new double[n];
    Arrays.fill(v, 1);
    return v;
  }

  private interface Channel {
    int of(int element);
  }

  /** Parts of {@code n} elements that lie together; v = x, weight, bias. */
  private static double[] norm(double[][] v, int n, Channel channel, double eps) {
    double[] x = v[0];
    double[] y = new double[x.length];
    for (int at = 0; at < x.length; at += n) {
      double mean = Arrays.stream(x, at, at + n).sum() / n;
      double square = Arrays.stream(x, at, at + n).map(d -> (d - mean) * (d - mean)).sum() / n;
      for (int i = at; i < at + n; i++) {
        y[i] = (x[i] - mean) / Math.sqrt(square + eps);
        y[i] *= v.length > 1 ? v[1][channel.of(i)] : 1;
        y[i] += v.length > 2 ? v[2][channel.of(i)] : 0;
      }
    }
    return y;
  }

  @Test
  void productsOfActivations() {
    Random r = new Random(6);
    for (boolean transB : new boolean[] {false, true}) {
      MatmulOp op = new MatmulOp(false, transB);
      check(
          r,
          t -> op.apply(t[0], t[1]),
          v -> product(v, 6, 4, 5, 3, transB, false),
          random(r, 2, 3, 4, 5),
          transB ? random(r, 2, 3, 3, 5) : random(r, 2, 3, 5, 3));
      check(
          r,
          t -> op.apply(t[0], t[1]),
          v -> product(v, 6, 4, 5, 3, transB, true),
          random(r, 2, 3, 4, 5),
          transB ? random(r, 3, 5) : random(r, 5, 3));
    }
    check(
        r,
        t -> MatmulOp.PLAIN.apply(new TransposeOp(1, 2).apply(t[0]), t[1]),
        v -> product(new double[][] {swapped(v[0], 2, 4, 3), v[1]}, 2, 3, 4, 5, false, false),
        random(r, 2, 4, 3),
        random(r, 2, 4, 5));
  }

  private static double[] swapped(double[] x, int n, int rows, int columns) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i % columns;
      int row = i / columns % rows;
      y[i / (rows * columns) * rows * columns + c * rows + row] = x[i];
    }
    return y;
  }

  private static double[] product(
      double[][] v, int batch, int m, int k, int n, boolean transB, boolean shared) {
    double[] y = new double[batch * m * n];
    for (int at = 0; at < y.length; at++) {
      int j = at % n;
      int from = shared ? 0 : at / (m * n) * k * n;
      for (int i = 0; i < k; i++) {
        y[at] += v[0][at / n * k + i] * v[1][from + (transB ? j * k + i : i * n + j)];
      }
    }
    return y;
  }

  @Test
  void functions() {
    Random r = new Random(5);
    // Away from 0, where elu and its kin bend.
    FloatTensor x = GradientCheck.distinct(r, 5, 5);
    function(r, x, UnaryOp.GELU_TANH, t -> t / (1 + Math.exp(-tanhArgument(t))));
    function(r, x, UnaryOp.GELU, t -> t * normal(t));
    function(r, x, UnaryOp.elu(1.5f, null), t -> t > 0 ? t : 1.5 * Math.expm1(t));
    function(r, x, UnaryOp.celu(0.75f, null), t -> t > 0 ? t : 0.75 * Math.expm1(t / 0.75));
    function(r, x, UnaryOp.leakyRelu(0.125f, null), t -> t > 0 ? t : 0.125 * t);
    function(r, x, UnaryOp.threshold(0.28125f, 3f), t -> t > 0.28125 ? t : 3);
  }

  private static void function(Random r, FloatTensor x, UnaryOp op, DoubleUnaryOperator f) {
    check(r, t -> op.apply(t[0]), v -> Arrays.stream(v[0]).map(f).toArray(), x);
  }

  private static double tanhArgument(double x) {
    return 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
  }

  /** Phi by its series, for small arguments. */
  private static double normal(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 40; n++) {
      term *= -x * x / (2 * n);
      sum += term / (2 * n + 1);
    }
    return 0.5 + sum / Math.sqrt(2 * Math.PI);
  }
}
