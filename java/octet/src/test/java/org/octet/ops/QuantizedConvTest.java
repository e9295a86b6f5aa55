package org.octet.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.octet.ops.QuantizedNaive.bias;
import static org.octet.ops.QuantizedNaive.requantize;
import static org.octet.ops.QuantizedNaive.scale;
import static org.octet.ops.QuantizedNaive.zeroPoint;

import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** 8-bit linear layers and convolutions against an int64 recomputation. */
class QuantizedConvTest {
  private static DType dtype(boolean signed) {
    return signed ? DType.QINT8 : DType.QUINT8;
  }

  @Property(tries = 300)
  void convolution2d(
      @ForAll long seed,
      @ForAll boolean signed,
      @ForAll @IntRange(min = 0, max = 3) int mode,
      @ForAll Activation activation,
      @ForAll @IntRange(min = 1, max = 4) int groups,
      @ForAll @IntRange(min = 1, max = 9) int channels,
      @ForAll @IntRange(min = 1, max = 9) int outputs) {
    Random r = new Random(seed);
    ConvGeometry g =
        new ConvGeometry(
            1 + r.nextInt(3),
            1 + r.nextInt(3),
            1 + r.nextInt(3),
            1 + r.nextInt(3),
            r.nextInt(3),
            r.nextInt(3),
            r.nextInt(3),
            r.nextInt(3),
            1 + r.nextInt(2),
            1 + r.nextInt(2),
            groups);
    int h = 1 + r.nextInt(8);
    int w = 1 + r.nextInt(8);
    Assume.that(h + g.padTop() + g.padBottom() >= g.dilationH() * (g.kernelH() - 1) + 1);
    Assume.that(w + g.padLeft() + g.padRight() >= g.dilationW() * (g.kernelW() - 1) + 1);
    QuantizedTensor x =
        QuantizedNaive.activation(r, dtype(signed), 1 + r.nextInt(2), channels * groups, h, w);
    QuantizedTensor weight =
        QuantizedNaive.weight(r, mode, outputs * groups, channels, g.kernelH(), g.kernelW());
    check(r, x, weight, g, activation);
  }

  @Property(tries = 100)
  void convolution1d(
      @ForAll long seed,
      @ForAll boolean signed,
      @ForAll @IntRange(min = 0, max = 3) int mode,
      @ForAll Activation activation) {
    Random r = new Random(seed);
    ConvGeometry g =
        ConvGeometry.line(
            1 + r.nextInt(4), 1 + r.nextInt(3), r.nextInt(3), 1 + r.nextInt(2), 1 + r.nextInt(3));
    int length = g.dilationW() * (g.kernelW() - 1) + 1 + r.nextInt(9);
    int channels = 1 + r.nextInt(7);
    QuantizedTensor x =
        QuantizedNaive.activation(
            r, dtype(signed), 1 + r.nextInt(3), channels * g.groups(), length);
    QuantizedTensor weight =
        QuantizedNaive.weight(r, mode, (1 + r.nextInt(7)) * g.groups(), channels, g.kernelW());
    check(r, x, weight, g, activation);
  }

  private static void check(
      Random r, QuantizedTensor x, QuantizedTensor weight, ConvGeometry g, Activation activation) {
    int outputs = weight.size(0);
    FloatTensor bias = r.nextBoolean() ? QuantizedNaive.floats(r, 2, outputs) : null;
    QParams out = QuantizedNaive.params(r, dtype(r.nextBoolean()));
    Tensor in = r.nextBoolean() ? x.contiguous(MemoryFormat.CHANNELS_LAST) : x;
    QuantizedTensor y =
        (QuantizedTensor) new QuantizedConvOp(g, out, activation).apply(in, weight, bias);
    boolean line = x.shape().rank() == 3;
    int n = x.size(0);
    int channels = weight.size(1);
    int h = line ? 1 : x.size(2);
    int w = x.size(-1);
    int oh = line ? 1 : y.size(2);
    int ow = y.size(-1);
    int[] xs = x.intRepr();
    int[] ws = weight.intRepr();
    int[] want = new int[(int) y.numel()];
    int at = 0;
    for (int b = 0; b < n; b++) {
      for (int o = 0; o < outputs; o++) {
        float k = x.qScale() * scale(weight.qparams(), o);
        int first = o / (outputs / g.groups()) * channels;
        for (int py = 0; py < oh; py++) {
          for (int px = 0; px < ow; px++) {
            long acc = bias(bias, o, k);
            for (int c = 0; c < channels; c++) {
              for (int ky = 0; ky < g.kernelH(); ky++) {
                for (int kx = 0; kx < g.kernelW(); kx++) {
                  int iy = py * g.strideH() - g.padTop() + ky * g.dilationH();
                  int ix = px * g.strideW() - g.padLeft() + kx * g.dilationW();
                  if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
                    int code = xs[((b * channels * g.groups() + first + c) * h + iy) * w + ix];
                    int weightCode = ws[((o * channels + c) * g.kernelH() + ky) * g.kernelW() + kx];
                    acc +=
                        (long) (code - x.qZeroPoint())
                            * (weightCode - zeroPoint(weight.qparams(), o));
                  }
                }
              }
            }
            want[at++] = requantize(acc, k / out.scale(), out, activation);
          }
        }
      }
    }
    assertEquals(out, y.qparams());
    assertArrayEquals(want, y.intRepr());
  }

  @Property(tries = 200)
  void linear(
      @ForAll long seed,
      @ForAll boolean signed,
      @ForAll @IntRange(min = 0, max = 3) int mode,
      @ForAll Activation activation,
      @ForAll @IntRange(min = 1, max = 9) int rows,
      @ForAll @IntRange(min = 1, max = 70) int k,
      @ForAll @IntRange(min = 1, max = 70) int n) {
    Random r = new Random(seed);
    QuantizedTensor x = QuantizedNaive.activation(r, dtype(signed), rows, 2, k);
    QuantizedTensor weight = QuantizedNaive.weight(r, mode, n, k);
    FloatTensor bias = r.nextBoolean() ? QuantizedNaive.floats(r, 2, n) : null;
    QParams out = QuantizedNaive.params(r, dtype(r.nextBoolean()));
    QuantizedTensor y =
        (QuantizedTensor) new QuantizedLinearOp(out, activation).apply(x, weight, bias);
    int[] xs = x.intRepr();
    int[] ws = weight.intRepr();
    int[] want = new int[2 * rows * n];
    for (int i = 0; i < 2 * rows; i++) {
      for (int o = 0; o < n; o++) {
        float s = x.qScale() * scale(weight.qparams(), o);
        long acc = bias(bias, o, s);
        for (int j = 0; j < k; j++) {
          acc +=
              (long) (xs[i * k + j] - x.qZeroPoint())
                  * (ws[o * k + j] - zeroPoint(weight.qparams(), o));
        }
        want[i * n + o] = requantize(acc, s / out.scale(), out, activation);
      }
    }
    assertArrayEquals(new int[] {rows, 2, n}, y.shape().dims());
    assertArrayEquals(want, y.intRepr());
  }
}
