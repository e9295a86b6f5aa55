package org.octet.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.octet.autograd.Tape;
import org.octet.graph.Tracer;
import org.octet.runtime.Program;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Fake quantization gives the bits of quantize and dequantize, and passes gradients where nothing
 * was clamped.
 */
class FakeQuantizeOpTest {
  private static final float[] SPECIAL = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    0f,
    -0f,
    Float.MIN_VALUE,
    0.5f,
    1.5f,
    2.5f,
    -0.5f,
    -1.5f,
    -2.5f
  };

  /** Values around the range, with ties and special ones among them. */
  private static FloatTensor values(Random r, float scale, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] =
          switch (r.nextInt(4)) {
            case 0 -> (r.nextInt(600) - 300 + 0.5f) * scale;
            case 1 -> SPECIAL[r.nextInt(SPECIAL.length)];
            default -> (float) r.nextGaussian() * 100 * scale;
          };
    }
    t.copyFrom(v);
    return t;
  }

  private static QParams qparams(Random r, int channels, int axis, DType dtype, int min, int max) {
    float[] scales = new float[channels];
    int[] zeroPoints = new int[channels];
    for (int c = 0; c < channels; c++) {
      scales[c] = (float) Math.exp(r.nextGaussian() * 3);
      zeroPoints[c] = min + r.nextInt(max - min + 1);
    }
    return axis < 0
        ? QParams.perTensor(scales[0], zeroPoints[0], dtype)
        : QParams.perChannel(scales, zeroPoints, axis, dtype);
  }

  @Property(tries = 200)
  void isQuantizeThenDequantize(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 9000) int n,
      @ForAll boolean signed,
      @ForAll boolean reduced) {
    Random r = new Random(seed);
    DType dtype = signed ? DType.QINT8 : DType.QUINT8;
    int min = signed ? (reduced ? -8 : -128) : 0;
    int max = signed ? (reduced ? 7 : 127) : reduced ? 127 : 255;
    QParams q = qparams(r, 1, -1, dtype, min, max);
    FloatTensor x = values(r, q.scale(), n);
    FloatTensor expected = QuantizedTensor.quantize(x, q, min, max).dequantize();
    assertBits(expected, FakeQuantizeOp.of(q, min, max).apply(x));
  }

  @Property(tries = 100)
  void perChannelInAnyOrderOfMemory(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 3) int axis,
      @ForAll @IntRange(min = 1, max = 70) int channels,
      @ForAll boolean channelsLast) {
    Random r = new Random(seed);
    int[] dims = {1 + r.nextInt(4), 1 + r.nextInt(9), 1 + r.nextInt(9), 1 + r.nextInt(9)};
    dims[axis] = channels;
    QParams q = qparams(r, channels, axis, DType.QINT8, -128, 127);
    FloatTensor x = values(r, 1f, dims);
    FloatTensor given = channelsLast ? x.contiguous(MemoryFormat.CHANNELS_LAST) : x;
    FloatTensor expected = QuantizedTensor.quantize(x, q, -128, 127).dequantize();
    assertBits(expected, FakeQuantizeOp.of(q, -128, 127).apply(given));
  }

  private static void assertBits(FloatTensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    assertArrayEquals(expected.toArray(), ((FloatTensor) actual).toArray());
  }

  /**
   * Against the definition, in double: the gradient is that of y where the unclamped code is in
   * range.
   */
  @Property(tries = 100)
  void gradientIsStraightThrough(
      @ForAll long seed, @ForAll boolean perChannel, @ForAll boolean channelsLast) {
    Random r = new Random(seed);
    int channels = perChannel ? 5 : 1;
    QParams q = qparams(r, channels, perChannel ? 1 : -1, DType.QUINT8, 0, 255);
    FloatTensor x = FloatTensor.zeros(2, 5, 3, 4);
    FloatTensor g = FloatTensor.zeros(2, 5, 3, 4);
    float[] v = new float[120];
    float[] expected = new float[120];
    float[] grad = new float[120];
    for (int i = 0; i < v.length; i++) {
      int c = perChannel ? i / 12 % 5 : 0;
      // Codes on both sides of the bounds, 0.2 away from the ties.
      double code = r.nextInt(400) - 70 + (r.nextDouble() - 0.5) * 0.6;
      v[i] = (float) ((code - q.zeroPoint(c)) * q.scale(c));
      grad[i] = (float) r.nextGaussian();
      expected[i] = Math.rint(code) >= 0 && Math.rint(code) <= 255 ? grad[i] : 0f;
    }
    x.copyFrom(v);
    g.copyFrom(grad);
    FloatTensor in = channelsLast ? x.contiguous(MemoryFormat.CHANNELS_LAST) : x;
    in.requiresGrad(true);
    try (Tape tape = Tape.record()) {
      Tensor y = FakeQuantizeOp.of(q, 0, 255).apply(in);
      tape.backward(SumOp.SUM.apply(BinaryOp.MUL.apply(y, g)));
    }
    assertArrayEquals(expected, in.grad().toArray());
  }

  @Test
  void aProgramQuantizesAndDequantizes() {
    Random r = new Random(3);
    FakeQuantizeOp op = FakeQuantizeOp.perTensor(0.37f, 5, 0, 127);
    FloatTensor x = values(r, 0.37f, 2, 3, 5, 7);
    try (Program p =
        Program.compile(
            Tracer.trace(in -> op.apply(in), FloatTensor.ofSpec(x.shape(), x.format())))) {
      assertBits((FloatTensor) op.apply(x), p.run(x));
    }
  }

  @Test
  void aProgramTakesNoChannelsOfActivations() {
    FakeQuantizeOp op = FakeQuantizeOp.of(new float[] {1f, 2f}, new int[] {0, 0}, 1, 0, 255);
    OctetException e =
        assertThrows(
            OctetException.class,
            () ->
                Program.compile(
                    Tracer.trace(
                        in -> op.apply(in),
                        FloatTensor.ofSpec(Shape.of(3, 2), MemoryFormat.CONTIGUOUS))));
    assertTrue(e.getMessage().contains("per tensor"), e.getMessage());
  }

  @Test
  void refusesWrongParameters() {
    assertThrows(QParamsException.class, () -> FakeQuantizeOp.perTensor(0f, 0, 0, 255));
    assertThrows(QParamsException.class, () -> FakeQuantizeOp.perTensor(Float.NaN, 0, 0, 255));
    assertThrows(QParamsException.class, () -> FakeQuantizeOp.perTensor(1f, 128, 0, 127));
    assertThrows(QParamsException.class, () -> FakeQuantizeOp.perTensor(1f, 0, 5, 5));
    FakeQuantizeOp two = FakeQuantizeOp.of(new float[] {1f, 2f}, new int[] {0, 0}, 0, 0, 255);
    assertThrows(ShapeException.class, () -> two.apply(FloatTensor.zeros(3, 2)));
  }
}
