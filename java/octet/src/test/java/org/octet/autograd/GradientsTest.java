package org.octet.autograd;

import static org.octet.autograd.GradientCheck.check;
import static org.octet.autograd.GradientCheck.distinct;
import static org.octet.autograd.GradientCheck.random;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.octet.ops.Activation;
import org.octet.ops.AdaptiveAvgPoolOp;
import org.octet.ops.AvgPoolOp;
import org.octet.ops.BatchNormOp;
import org.octet.ops.BatchNormTrainingOp;
import org.octet.ops.BinaryOp;
import org.octet.ops.CatOp;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvOp;
import org.octet.ops.CrossEntropyOp;
import org.octet.ops.ExpandOp;
import org.octet.ops.FlattenOp;
import org.octet.ops.LinearOp;
import org.octet.ops.LogSoftmaxOp;
import org.octet.ops.MatmulOp;
import org.octet.ops.MaxPoolOp;
import org.octet.ops.MseLossOp;
import org.octet.ops.ReshapeOp;
import org.octet.ops.ScaleOp;
import org.octet.ops.SliceOp;
import org.octet.ops.SubOp;
import org.octet.ops.SumOp;
import org.octet.ops.SumToOp;
import org.octet.ops.UnaryOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;

/**
 * Every op's result and gradient against central differences of an independent forward in double.
 */
class GradientsTest {
  @Property(tries = 60)
  void conv2d(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int n,
      @ForAll @IntRange(min = 1, max = 3) int groups,
      @ForAll @IntRange(min = 1, max = 3) int inPerGroup,
      @ForAll @IntRange(min = 1, max = 3) int outPerGroup,
      @ForAll @IntRange(min = 1, max = 3) int kernel,
      @ForAll @IntRange(min = 1, max = 2) int stride,
      @ForAll @IntRange(min = 1, max = 2) int dilation,
      @ForAll boolean bias) {
    Random r = new Random(seed);
    ConvGeometry g =
        new ConvGeometry(
            kernel,
            1 + r.nextInt(3),
            stride,
            1 + r.nextInt(2),
            r.nextInt(3),
            r.nextInt(3),
            r.nextInt(3),
            r.nextInt(3),
            dilation,
            1 + r.nextInt(2),
            groups);
    conv(
        r,
        g,
        n,
        groups * inPerGroup,
        5 + r.nextInt(3),
        5 + r.nextInt(3),
        groups * outPerGroup,
        bias,
        Activation.NONE);
  }

  /** Depthwise and pointwise layers have loops of their own. */
  @Property(tries = 30)
  void separableConv2d(
      @ForAll long seed,
      @ForAll @IntRange(min = 2, max = 9) int c,
      @ForAll @IntRange(min = 1, max = 2) int stride) {
    Random r = new Random(seed);
    int n = 1 + r.nextInt(9);
    conv(
        r,
        ConvGeometry.square(3, stride, r.nextInt(3), 1 + r.nextInt(2), c),
        n,
        c,
        6,
        5,
        c,
        r.nextBoolean(),
        Activation.NONE);
    conv(r, ConvGeometry.POINT, n, c, 3, 4, 5, r.nextBoolean(), Activation.NONE);
  }

  @Test
  void fusedActivations() {
    Random r = new Random(5);
    for (Activation a : Activation.values()) {
      conv(r, ConvGeometry.square(3, 1, 1, 1, 1), 2, 3, 4, 4, 4, true, a);
      FloatTensor x = random(r, 4, 6);
      FloatTensor w = random(r, 5, 6);
      check(
          r,
          t -> new LinearOp(a).apply(t[0], t[1], null),
          v -> PlainNet.map(PlainNet.linear(v[0], v[1], null, 6, 5), y -> clamp(a, y)),
          x,
          w);
    }
  }

  private static double clamp(Activation a, double y) {
    return Math.min(Math.max(y, a.lo()), a.hi());
  }

  private static void conv(
      Random r, ConvGeometry g, int n, int c, int h, int w, int o, boolean bias, Activation a) {
    FloatTensor x = random(r, n, c, h, w);
    FloatTensor weight = random(r, o, c / g.groups(), g.kernelH(), g.kernelW());
    FloatTensor b = random(r, o);
    FloatTensor[] inputs = bias ? new FloatTensor[] {x, weight, b} : new FloatTensor[] {x, weight};
    check(
        r,
        t -> new ConvOp(g, a).apply(t[0], t[1], bias ? t[2] : null),
        v ->
            PlainNet.map(
                PlainNet.conv(v[0], v[1], bias ? v[2] : null, n, c, new int[] {1, h, w}, o, g),
                y -> clamp(a, y)),
        inputs);
  }

  @Property(tries = 20)
  void conv1d(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int groups) {
    Random r = new Random(seed);
    ConvGeometry g = ConvGeometry.line(3, 1 + r.nextInt(2), r.nextInt(2), 1 + r.nextInt(2), groups);
    int c = groups * (1 + r.nextInt(2));
    int o = groups * (1 + r.nextInt(2));
    FloatTensor x = random(r, 2, c, 9);
    FloatTensor w = random(r, o, c / groups, 3);
    check(
        r,
        t -> new ConvOp(g, Activation.NONE).apply(t[0], t[1], null),
        v -> PlainNet.conv(v[0], v[1], null, 2, c, new int[] {1, 1, 9}, o, g),
        x,
        w);
  }

  @Property(tries = 60)
  void conv3d(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int groups,
      @ForAll @IntRange(min = 1, max = 3) int kernelD,
      @ForAll @IntRange(min = 1, max = 2) int stride,
      @ForAll boolean bias) {
    Random r = new Random(seed);
    int pad = r.nextInt(2);
    ConvGeometry g =
        new ConvGeometry(
                1 + r.nextInt(2), 2, stride, 1 + r.nextInt(2), pad, 0, 1, pad, 1, 1, groups)
            .withDepth(kernelD, 1 + r.nextInt(2), r.nextInt(2), r.nextInt(2), 1 + r.nextInt(2));
    int n = 1 + r.nextInt(2);
    int c = groups * (1 + r.nextInt(2));
    int o = groups * (1 + r.nextInt(2));
    FloatTensor x = random(r, n, c, 5, 3, 4);
    FloatTensor w = random(r, o, c / groups, g.kernelD(), g.kernelH(), g.kernelW());
    FloatTensor b = random(r, o);
    check(
        r,
        t -> new ConvOp(g, Activation.NONE).apply(t[0], t[1], bias ? t[2] : null),
        v -> PlainNet.conv(v[0], v[1], bias ? v[2] : null, n, c, new int[] {5, 3, 4}, o, g),
        bias ? new FloatTensor[] {x, w, b} : new FloatTensor[] {x, w});
  }

  @Property(tries = 20)
  void linear(@ForAll long seed, @ForAll boolean bias, @ForAll boolean sequence) {
    Random r = new Random(seed);
    int in = 1 + r.nextInt(9);
    int out = 1 + r.nextInt(9);
    FloatTensor x = sequence ? random(r, 2, 3, in) : random(r, 5, in);
    FloatTensor w = random(r, out, in);
    FloatTensor b = random(r, out);
    check(
        r,
        t -> new LinearOp(Activation.NONE).apply(t[0], t[1], bias ? t[2] : null),
        v -> PlainNet.linear(v[0], v[1], bias ? v[2] : null, in, out),
        bias ? new FloatTensor[] {x, w, b} : new FloatTensor[] {x, w});
  }

  @Property(tries = 20)
  void batchNorm(
      @ForAll long seed,
      @ForAll boolean training,
      @ForAll boolean affine,
      @ForAll @IntRange(min = 2, max = 5) int rank) {
    Random r = new Random(seed);
    int n = 2 + r.nextInt(4);
    int c = 1 + r.nextInt(5);
    int[] dims =
        switch (rank) {
          case 2 -> new int[] {n, c};
          case 3 -> new int[] {n, c, 4};
          case 4 -> new int[] {n, c, 2, 3};
          default -> new int[] {n, c, 3, 1, 2};
        };
    int s = rank == 2 ? 1 : rank == 3 ? 4 : 6;
    FloatTensor x = random(r, dims);
    FloatTensor w = random(r, c);
    FloatTensor b = random(r, c);
    FloatTensor mean = random(r, c);
    FloatTensor var = FloatTensor.full(0.7f, c);
    double[] m = training ? null : doubles(mean);
    double[] v = training ? null : doubles(var);
    FloatTensor[] inputs = affine ? new FloatTensor[] {x, w, b} : new FloatTensor[] {x};
    // With two values for each channel the variance may be tiny and the slopes huge: an eps keeps
    // them testable.
    double eps = 0.1;
    check(
        r,
        t -> {
          FloatTensor tw = affine ? (FloatTensor) t[1] : null;
          FloatTensor tb = affine ? (FloatTensor) t[2] : null;
          return training
              ? new BatchNormTrainingOp(eps).applyAll(t[0], tw, tb)[0]
              : new BatchNormOp(eps, Activation.NONE).apply(t[0], tw, tb, mean, var);
        },
        a ->
            PlainNet.batchNorm(
                a[0], affine ? a[1] : null, affine ? a[2] : null, m, v, n, c, s, eps),
        inputs);
  }

  /** Many blocks of rows. */
  @Test
  void batchNormOfManyRows() {
    Random r = new Random(1);
    FloatTensor x = random(r, 3, 24, 16, 16);
    float[] v = x.toArray();
    double[] d = new double[v.length];
    for (int i = 0; i < d.length; i++) {
      d[i] = v[i];
    }
    double[] expected = PlainNet.batchNorm(d, null, null, null, null, 3, 24, 256, 1e-5);
    float[] found =
        ((FloatTensor) new BatchNormTrainingOp(1e-5).applyAll(x, null, null)[0]).toArray();
    for (int i = 0; i < found.length; i++) {
      org.junit.jupiter.api.Assertions.assertEquals(expected[i], found[i], 1e-5);
    }
  }

  private static double[] doubles(FloatTensor t) {
    float[] v = t.toArray();
    double[] d = new double[v.length];
    Arrays.setAll(d, i -> v[i]);
    return d;
  }

  @Property(tries = 40)
  void pools(@ForAll long seed, @ForAll boolean ceilMode, @ForAll boolean includePad) {
    Random r = new Random(seed);
    int k = 2 + r.nextInt(2);
    int h = 5 + r.nextInt(4);
    int w = 5 + r.nextInt(4);
    int pad = r.nextInt(2);
    int stride = 1 + r.nextInt(3);
    FloatTensor x = random(r, 2, 3, h, w);
    ConvGeometry max = ConvGeometry.square(k, stride, pad, 1 + r.nextInt(2), 1);
    int[] out = outputs(max, h, w, ceilMode);
    check(
        r,
        t -> new MaxPoolOp(max, ceilMode).apply(t[0]),
        v ->
            PlainNet.pool(
                v[0],
                6,
                h,
                w,
                out[0],
                out[1],
                max,
                (a, n, p) -> Arrays.stream(a, 0, n).max().orElse(Double.NEGATIVE_INFINITY)),
        distinct(r, 2, 3, h, w));
    ConvGeometry avg = ConvGeometry.square(k, stride, pad, 1, 1);
    int[] size = outputs(avg, h, w, ceilMode);
    int divisor = r.nextInt(3) == 0 ? 5 : 0;
    check(
        r,
        t -> new AvgPoolOp(avg, ceilMode, includePad, divisor).apply(t[0]),
        v ->
            PlainNet.pool(
                v[0],
                6,
                h,
                w,
                size[0],
                size[1],
                avg,
                (a, n, p) ->
                    Arrays.stream(a, 0, n).sum() / (divisor != 0 ? divisor : includePad ? p : n)),
        x);
    int oh = 1 + r.nextInt(4);
    int ow = 1 + r.nextInt(4);
    check(
        r,
        t -> new AdaptiveAvgPoolOp(oh, ow).apply(t[0]),
        v -> PlainNet.adaptivePool(v[0], 6, h, w, oh, ow),
        x);
  }

  private static int[] outputs(ConvGeometry g, int h, int w, boolean ceil) {
    return new int[] {output(g, h, ceil), output(g, w, ceil)};
  }

  /**
   * PyTorch's rule, by counting starts: every window that fits, or with ceil_mode starts inside
   * input or left padding.
   */
  private static int output(ConvGeometry g, int size, boolean ceil) {
    int span = g.dilationH() * (g.kernelH() - 1) + 1;
    int n = 0;
    for (int start = -g.padTop(); ; start += g.strideH()) {
      boolean fits = start + span <= size + g.padTop();
      boolean before = start - g.strideH() + span < size + g.padTop();
      if (!fits && !(ceil && (n == 0 || before) && start < size)) {
        return n;
      }
      n++;
    }
  }

  @Test
  void functions() {
    Random r = new Random(3);
    FloatTensor x = random(r, 2, 3, 5, 5);
    float[] v = x.toArray();
    for (int i = 0; i < v.length; i++) {
      v[i] *= 8; // beyond the bounds of all
    }
    x.copyFrom(v);
    check(r, t -> UnaryOp.RELU.apply(t[0]), a -> PlainNet.map(a[0], y -> Math.max(y, 0)), x);
    check(
        r,
        t -> UnaryOp.RELU6.apply(t[0]),
        a -> PlainNet.map(a[0], y -> Math.min(Math.max(y, 0), 6)),
        x);
    check(
        r,
        t -> UnaryOp.clamp(-1.5f, 2f).apply(t[0]),
        a -> PlainNet.map(a[0], y -> Math.min(Math.max(y, -1.5), 2)),
        x);
    check(
        r,
        t -> UnaryOp.HARDSWISH.apply(t[0]),
        a -> PlainNet.map(a[0], y -> y * Math.min(Math.max(y + 3, 0), 6) / 6),
        x);
    check(
        r,
        t -> UnaryOp.HARDSIGMOID.apply(t[0]),
        a -> PlainNet.map(a[0], y -> Math.min(Math.max(y + 3, 0), 6) / 6),
        x);
    check(
        r,
        t -> UnaryOp.SIGMOID.apply(t[0]),
        a -> PlainNet.map(a[0], y -> 1 / (1 + Math.exp(-y))),
        x);
    check(r, t -> UnaryOp.TANH.apply(t[0]), a -> PlainNet.map(a[0], Math::tanh), x);
  }

  @Test
  void gradientsAtTheBoundsAreThoseOfPyTorch() {
    float[] at = {
      -0f, 0f, 6f, Float.MIN_VALUE, -Float.MIN_VALUE, Math.nextDown(6f), 7f, Float.POSITIVE_INFINITY
    };
    expectSlopes(UnaryOp.RELU, at, 0, 0, 1, 1, 0, 1, 1, 1);
    expectSlopes(UnaryOp.RELU6, at, 0, 0, 0, 1, 0, 1, 0, 0);
    expectSlopes(UnaryOp.clamp(0f, 6f), at, 1, 1, 1, 1, 0, 1, 0, 0);
  }

  private static void expectSlopes(UnaryOp op, float[] at, float... slopes) {
    FloatTensor x = FloatTensor.of(at, at.length).requiresGrad(true);
    try (Tape tape = Tape.record()) {
      tape.backward(SumOp.SUM.apply(op.apply(x)));
    }
    org.junit.jupiter.api.Assertions.assertArrayEquals(slopes, x.grad().toArray());
  }

  @Test
  void sumsAndProductsBroadcast() {
    Random r = new Random(4);
    FloatTensor a = random(r, 2, 3, 2, 2);
    FloatTensor b = random(r, 2, 3, 2, 2);
    check(r, t -> BinaryOp.ADD.apply(t[0], t[1]), v -> zip(v[0], v[1], false), a, b);
    check(r, t -> BinaryOp.MUL.apply(t[0], t[1]), v -> zip(v[0], v[1], true), a, b);
    check(
        r,
        t -> BinaryOp.ADD_RELU.apply(t[0], t[1]),
        v -> PlainNet.map(zip(v[0], v[1], false), y -> Math.max(y, 0)),
        a,
        b);
    FloatTensor scale = random(r, 1, 3, 1, 1);
    check(r, t -> BinaryOp.MUL.apply(t[0], t[1]), v -> zip(v[0], spread(v[1]), true), a, scale);
    check(r, t -> BinaryOp.ADD.apply(t[1], t[0]), v -> zip(v[0], spread(v[1]), false), a, scale);
    check(r, t -> BinaryOp.MUL_RELU.apply(t[0], t[0]), v -> PlainNet.map(v[0], y -> y * y), a);
    check(
        r,
        t -> SubOp.INSTANCE.apply(t[0], t[1]),
        v -> zip(v[0], PlainNet.map(v[1], y -> -y), false),
        a,
        b);
    check(r, t -> SubOp.INSTANCE.apply(t[0], t[0]), v -> new double[v[0].length], a);
  }

  /** [3] over [2, 3, 2, 2]. */
  private static double[] spread(double[] s) {
    double[] out = new double[24];
    Arrays.setAll(out, i -> s[i / 4 % 3]);
    return out;
  }

  private static double[] zip(double[] a, double[] b, boolean product) {
    double[] out = new double[a.length];
    Arrays.setAll(out, i -> product ? a[i] * b[i] : a[i] + b[i]);
    return out;
  }

  @Test
  void shapesAndReductions() {
    Random r = new Random(6);
    FloatTensor x = random(r, 2, 3, 2, 2);
    check(r, t -> new FlattenOp(1, -1).apply(t[0]), v -> v[0].clone(), x);
    check(r, t -> new ReshapeOp(4, -1).apply(t[0]), v -> v[0].clone(), x);
    check(r, t -> SumOp.SUM.apply(t[0]), v -> new double[] {Arrays.stream(v[0]).sum()}, x);
    check(r, t -> SumOp.MEAN.apply(t[0]), v -> new double[] {Arrays.stream(v[0]).sum() / 24}, x);
    check(r, t -> new ScaleOp(-2.5f).apply(t[0]), v -> PlainNet.map(v[0], y -> -2.5 * y), x);
    FloatTensor s = random(r, 1);
    check(
        r,
        t -> new ScaleOp(3f).apply(t[0], t[1]),
        v -> PlainNet.map(v[0], y -> 3 * v[1][0] * y),
        x,
        s);
    FloatTensor small = random(r, 3, 1);
    check(
        r,
        t -> new ExpandOp(Shape.of(2, 3, 4), MemoryFormat.CONTIGUOUS).apply(t[0]),
        v -> {
          double[] y = new double[24];
          Arrays.setAll(y, i -> v[0][i / 4 % 3]);
          return y;
        },
        small);
    check(
        r,
        t -> new SumToOp(Shape.of(3, 1, 1)).apply(t[0]),
        v -> {
          double[] y = new double[3];
          for (int i = 0; i < 24; i++) {
            y[i / 4 % 3] += v[0][i];
          }
          return y;
        },
        x);
    check(r, t -> new SliceOp(0, 1, 2).apply(t[0]), v -> Arrays.copyOfRange(v[0], 12, 24), x);
  }

  @Test
  void catAlongEveryAxis() {
    Random r = new Random(7);
    for (int axis = -4; axis < 4; axis++) {
      int a = axis;
      int[] dims = {2, 3, 2, 2};
      int[] other = dims.clone();
      other[Math.floorMod(axis, 4)] = 4;
      int inner = 1;
      for (int d = Math.floorMod(axis, 4) + 1; d < 4; d++) {
        inner *= dims[d];
      }
      int rowA = inner * dims[Math.floorMod(axis, 4)];
      int rowB = inner * 4;
      FloatTensor x = random(r, dims).contiguous(MemoryFormat.CHANNELS_LAST);
      FloatTensor y = random(r, other);
      check(
          r,
          t -> new CatOp(a).apply(t[0], t[1]),
          v -> {
            double[] out = new double[v[0].length + v[1].length];
            for (int o = 0; o < v[0].length / rowA; o++) {
              System.arraycopy(v[0], o * rowA, out, o * (rowA + rowB), rowA);
              System.arraycopy(v[1], o * rowB, out, o * (rowA + rowB) + rowA, rowB);
            }
            return out;
          },
          x,
          y);
    }
  }

  @Property(tries = 16)
  void matmul(@ForAll long seed, @ForAll boolean transA, @ForAll boolean transB) {
    Random r = new Random(seed);
    int m = 1 + r.nextInt(5);
    int k = 1 + r.nextInt(5);
    int n = 1 + r.nextInt(5);
    FloatTensor a = transA ? random(r, k, m) : random(r, m, k);
    FloatTensor b = transB ? random(r, n, k) : random(r, k, n);
    check(
        r,
        t -> new MatmulOp(transA, transB).apply(t[0], t[1]),
        v -> {
          double[] c = new double[m * n];
          for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
              for (int p = 0; p < k; p++) {
                c[i * n + j] +=
                    v[0][transA ? p * m + i : i * k + p] * v[1][transB ? j * k + p : p * n + j];
              }
            }
          }
          return c;
        },
        a,
        b);
  }

  @Test
  void losses() {
    Random r = new Random(8);
    FloatTensor x = random(r, 5, 4);
    FloatTensor y = random(r, 5, 4);
    long[] labels = {0, 3, 1, 1, 2};
    check(
        r,
        t -> new CrossEntropyOp().apply(t[0], LongTensor.of(labels, 5)),
        v -> {
          double[] log = PlainNet.logSoftmax(v[0], 4);
          double loss = 0;
          for (int i = 0; i < 5; i++) {
            loss -= log[i * 4 + (int) labels[i]] / 5;
          }
          return new double[] {loss};
        },
        x);
    check(r, t -> new LogSoftmaxOp().apply(t[0]), v -> PlainNet.logSoftmax(v[0], 4), x);
    check(
        r,
        t -> new MseLossOp().apply(t[0], t[1]),
        v -> {
          double sum = 0;
          for (int i = 0; i < 20; i++) {
            sum += (v[0][i] - v[1][i]) * (v[0][i] - v[1][i]) / 20;
          }
          return new double[] {sum};
        },
        x,
        y);
  }
}
