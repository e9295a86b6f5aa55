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
import org.octet.ops.ScalarOp.Function;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Sums, products, joins and scalar forms of quantized tensors, and quantization itself, one element
 * at a time.
 */
class QuantizedArithmeticTest {
  private static DType dtype(boolean signed) {
    return signed ? DType.QINT8 : DType.QUINT8;
  }

  private static Tensor maybeLast(Random r, QuantizedTensor t) {
    return r.nextBoolean() ? t.contiguous(MemoryFormat.CHANNELS_LAST) : t;
  }

  @Property(tries = 200)
  void sumsAndProducts(@ForAll long seed, @ForAll boolean signed, @ForAll boolean relu) {
    Random r = new Random(seed);
    int[] dims = {1 + r.nextInt(3), 1 + r.nextInt(5), 1 + r.nextInt(7), 1 + r.nextInt(7)};
    QuantizedTensor a = QuantizedNaive.activation(r, dtype(signed), dims);
    QuantizedTensor b = QuantizedNaive.activation(r, dtype(signed), dims);
    QParams out = QuantizedNaive.params(r, dtype(signed));
    QuantizedTensor sum =
        (QuantizedTensor) new QuantizedAddOp(out, relu).apply(maybeLast(r, a), maybeLast(r, b));
    QuantizedTensor product =
        (QuantizedTensor) new QuantizedMulOp(out, relu).apply(maybeLast(r, a), maybeLast(r, b));
    int[] ca = a.intRepr();
    int[] cb = b.intRepr();
    int[] wantSum = new int[ca.length];
    int[] wantProduct = new int[ca.length];
    float multiplier = a.qScale() * b.qScale() * (1f / out.scale());
    for (int i = 0; i < ca.length; i++) {
      int da = ca[i] - a.qZeroPoint();
      int db = cb[i] - b.qZeroPoint();
      wantSum[i] =
          QuantizedNaive.round(
              (da * a.qScale() + db * b.qScale()) * (1f / out.scale()), out, relu, false);
      wantProduct[i] = QuantizedNaive.round((float) (da * db) * multiplier, out, relu, false);
    }
    assertArrayEquals(wantSum, sum.intRepr());
    assertArrayEquals(wantProduct, product.intRepr());
  }

  @Property(tries = 200)
  void joins(
      @ForAll long seed,
      @ForAll boolean signed,
      @ForAll boolean relu,
      @ForAll @IntRange(min = 2, max = 4) int rank,
      @ForAll @IntRange(min = 1, max = 4) int count) {
    Random r = new Random(seed);
    int axis = r.nextInt(rank);
    int[] dims = new int[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = 1 + r.nextInt(4);
    }
    QParams out = QuantizedNaive.params(r, dtype(signed));
    QuantizedTensor[] parts = new QuantizedTensor[count];
    Tensor[] in = new Tensor[count];
    for (int i = 0; i < count; i++) {
      int[] d = dims.clone();
      d[axis] = 1 + r.nextInt(4);
      parts[i] = QuantizedNaive.activation(r, dtype(signed), d);
      if (r.nextInt(3) == 0) {
        parts[i] = parts[i].withQParams(out);
      }
      in[i] = rank == 2 ? parts[i] : maybeLast(r, parts[i]);
    }
    QuantizedTensor y = (QuantizedTensor) new QuantizedCatOp(axis - rank, out, relu).apply(in);
    int inner = 1;
    for (int i = axis + 1; i < rank; i++) {
      inner *= dims[i];
    }
    int outer = 1;
    for (int i = 0; i < axis; i++) {
      outer *= dims[i];
    }
    int[] want = new int[(int) y.numel()];
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (QuantizedTensor p : parts) {
        int n = p.size(axis) * inner;
        int[] codes = p.intRepr();
        for (int i = 0; i < n; i++) {
          int q = codes[o * n + i];
          want[at++] =
              p.qparams().equals(out)
                  ? relu ? Math.max(q, out.zeroPoint()) : q
                  : QuantizedNaive.round(
                      (q - p.qZeroPoint()) * p.qScale() * (1f / out.scale()), out, relu, false);
        }
      }
    }
    assertArrayEquals(want, y.intRepr());
  }

  @Test
  void joinKeepsTheFirstParametersWhenNoneAreGiven() {
    Random r = new Random(3);
    QuantizedTensor a = QuantizedNaive.activation(r, DType.QUINT8, 2, 3);
    QuantizedTensor y = (QuantizedTensor) new QuantizedCatOp(0).apply(a, a);
    assertEquals(a.qparams(), y.qparams());
    assertArrayEquals(a.intRepr(), y.slice(0, 2, 4).intRepr());
  }

  @Property(tries = 200)
  void scalarFormsAreNearTheRealResult(
      @ForAll long seed, @ForAll boolean signed, @ForAll boolean relu) {
    Random r = new Random(seed);
    QuantizedTensor x = QuantizedNaive.activation(r, dtype(signed), 5, 7);
    float[] real = x.dequantize().toArray();
    double scalar = r.nextGaussian() * 200 * x.qScale();
    QuantizedTensor sum =
        (QuantizedTensor) new QuantizedScalarOp(Function.ADD, scalar, relu).apply(x);
    float[] sums = sum.dequantize().toArray();
    QuantizedTensor product =
        (QuantizedTensor) new QuantizedScalarOp(Function.MUL, scalar, relu).apply(x);
    float[] products = product.dequantize().toArray();
    for (int i = 0; i < real.length; i++) {
      double wantSum = relu ? Math.max(real[i] + scalar, 0) : real[i] + scalar;
      // Half a step of the input (the scalar is a whole number of its steps) and half a step of the
      // result.
      assertEquals(wantSum, sums[i], 0.5001 * x.qScale() + 0.5001 * sum.qScale());
      double wantProduct = relu ? Math.max(real[i] * scalar, 0) : real[i] * scalar;
      assertEquals(wantProduct, products[i], 1e-5 * Math.abs(wantProduct) + 1e-12);
    }
  }

  @Test
  void scalarsByHand() {
    QParams q = QParams.perTensor(0.5, 10, DType.QUINT8);
    QuantizedTensor x = QuantizedTensor.ofCodes(new int[] {0, 10, 255}, q, 3);
    QuantizedTensor y = (QuantizedTensor) new QuantizedScalarOp(Function.ADD, 2.3, false).apply(x);
    assertEquals(QParams.perTensor(0.5, 5, DType.QUINT8), y.qparams());
    assertArrayEquals(new int[] {0, 10, 255}, y.intRepr());
    // 10 - 20 steps would leave the range: -5 .. 122.5 becomes 5 .. 132.5, stored from zero on.
    y = (QuantizedTensor) new QuantizedScalarOp(Function.ADD, 10, false).apply(x);
    assertEquals(QParams.perTensor(265.0 / 255 * 0.5, 0, DType.QUINT8), y.qparams());
    assertArrayEquals(new int[] {10, 19, 255}, y.intRepr());
    y = (QuantizedTensor) new QuantizedScalarOp(Function.MUL, -2, true).apply(x);
    assertEquals(QParams.perTensor(1, 245, DType.QUINT8), y.qparams());
    assertArrayEquals(new int[] {255, 245, 245}, y.intRepr());
    y = (QuantizedTensor) new QuantizedScalarOp(Function.MUL, 0, false).apply(x);
    assertEquals(QParams.perTensor(1, 0, DType.QUINT8), y.qparams());
    assertArrayEquals(new int[3], y.intRepr());
    assertThrows(
        OctetException.class, () -> new QuantizedScalarOp(Function.ADD, Double.NaN, false));
  }

  @Test
  void quantizeRoundsTiesToEvenAndSaturates() {
    float[] x = {
      0.5f,
      1.5f,
      -0.5f,
      2.5f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      1e30f,
      -0f
    };
    QuantizedTensor q =
        (QuantizedTensor)
            new QuantizeOp(QParams.perTensor(1, 3, DType.QUINT8)).apply(FloatTensor.of(x, 9));
    assertArrayEquals(new int[] {3, 5, 3, 5, 0, 255, 0, 255, 3}, q.intRepr());
    QuantizedTensor s =
        (QuantizedTensor)
            new QuantizeOp(QParams.perTensor(1, 3, DType.QINT8)).apply(FloatTensor.of(x, 9));
    assertArrayEquals(new int[] {3, 5, 3, 5, -128, 127, -128, 127, 3}, s.intRepr());
  }

  @Property(tries = 100)
  void quantizeAndDequantizeImages(@ForAll long seed, @ForAll boolean signed) {
    Random r = new Random(seed);
    int[] dims = {1 + r.nextInt(3), 1 + r.nextInt(5), 1 + r.nextInt(6), 1 + r.nextInt(6)};
    FloatTensor x = QuantizedNaive.floats(r, 2, dims);
    QParams out = QuantizedNaive.params(r, dtype(signed));
    Tensor in = r.nextBoolean() ? x : x.contiguous(MemoryFormat.CHANNELS_LAST);
    QuantizedTensor q = (QuantizedTensor) new QuantizeOp(out).apply(in);
    assertTrue(q.isDense(MemoryFormat.CHANNELS_LAST));
    float[] values = x.toArray();
    int[] want = new int[values.length];
    int[] divided = new int[values.length];
    float[] back = new float[values.length];
    for (int i = 0; i < want.length; i++) {
      want[i] = QuantizedNaive.round(values[i] * (1f / out.scale()), out, false, false);
      divided[i] = QuantizedNaive.round(values[i] / out.scale(), out, false, false);
      back[i] = (want[i] - out.zeroPoint()) * out.scale();
    }
    assertArrayEquals(want, q.intRepr());
    assertArrayEquals(
        divided,
        ((QuantizedTensor) new QuantizeOp(out, QuantizeOp.Rounding.DIVIDE).apply(in)).intRepr());
    assertArrayEquals(back, ((FloatTensor) new DequantizeOp().apply(q)).toArray());
  }

  @Test
  void wrongArgumentsAreNamed() {
    Random r = new Random(7);
    QuantizedTensor u = QuantizedNaive.activation(r, DType.QUINT8, 2, 3);
    QuantizedTensor s = QuantizedNaive.activation(r, DType.QINT8, 2, 3);
    FloatTensor f = FloatTensor.zeros(2, 3);
    QParams out = QParams.perTensor(0.1, 3, DType.QUINT8);
    QuantizedTensor w = QuantizedNaive.weight(r, 0, 4, 3);
    says(
        DTypeException.class,
        () -> new QuantizedAddOp(out, false).apply(u, s),
        "qint8",
        "one dtype");
    says(DTypeException.class, () -> new QuantizedAddOp(out, false).apply(s, s), "gives quint8");
    says(
        DTypeException.class,
        () -> new QuantizedMulOp(out, false).apply(u, f),
        "float32",
        "QuantStub");
    says(
        ShapeException.class,
        () -> new QuantizedMulOp(out, false).apply(u, u.slice(0, 0, 1)),
        "[2, 3]",
        "[1, 3]");
    says(
        ShapeException.class,
        () -> new QuantizedCatOp(1, out, false).apply(u, u.slice(0, 0, 1)),
        "dimension 1");
    says(ShapeException.class, () -> new QuantizedCatOp(2, out, false).apply(u), "Axis 2");
    says(
        DTypeException.class, () -> new QuantizeOp(out).apply(u), "quint8", "Remove the QuantStub");
    says(DTypeException.class, () -> new DequantizeOp().apply(f), "float32");
    says(
        DTypeException.class,
        () -> new QuantizeOp(QParams.perTensor(1, 0, DType.QINT32)),
        "qint32");
    QuantizedLinearOp linear = new QuantizedLinearOp(out, Activation.NONE);
    says(DTypeException.class, () -> linear.apply(f, w, null), "float32", "QuantStub");
    says(DTypeException.class, () -> linear.apply(u, u, null), "weight", "qint8");
    says(
        ShapeException.class, () -> linear.apply(u.reshape(3, 2), w, null), "[3, 2]", "3 features");
    says(ShapeException.class, () -> linear.apply(u, w, FloatTensor.zeros(3)), "bias", "[4]");
    QuantizedTensor axis1 =
        QuantizedTensor.quantizePerChannel(
            FloatTensor.zeros(4, 3), new float[] {1, 1, 1}, new int[3], 1, DType.QINT8);
    says(QParamsException.class, () -> linear.apply(u, axis1, null), "axis 1", "axis 0");
    DynamicLinearOp dynamic =
        new DynamicLinearOp(false, DynamicLinearOp.Granularity.PER_TENSOR, Activation.NONE);
    says(DTypeException.class, () -> dynamic.apply(u, w, null), "quint8", "DeQuantStub");
  }

  private static void says(
      Class<? extends OctetException> type,
      org.junit.jupiter.api.function.Executable body,
      String... words) {
    String message = assertThrows(type, body).getMessage();
    for (String w : words) {
      assertTrue(message.contains(w), message + " should say " + w);
    }
  }
}
