package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.octet.tensor.ClosedException;
import org.octet.tensor.Storage;

/**
 * The twin against figures worked out by hand, and against convolutions written the plainest way.
 */
class JavaBackendTest {
  private static final float INF = Float.POSITIVE_INFINITY;
  private static final Backend JAVA = JavaBackend.instance();

  private static Attributes.Builder attributes() {
    return Attributes.builder();
  }

  private static byte[] codes(int... v) {
    byte[] b = new byte[v.length];
    for (int i = 0; i < v.length; i++) {
      b[i] = (byte) v[i];
    }
    return b;
  }

  private static byte[] run(OperatorSpec spec, int[] dims, Storage... in) {
    return Buffers.run(JAVA, spec, dims, in);
  }

  private static int[] dims(int... d) {
    return d;
  }

  @Test
  void quantize() {
    OperatorSpec s =
        Buffers.spec(
            OpKind.QUANTIZE,
            attributes().ints(0).floats(2f).ints(10, 0, 255, 0).floats(0.5f).ints(0));
    float[] x = {0f, 0.25f, 0.75f, -0.25f, Float.NaN, 1e30f, -INF, 122.6f};
    assertArrayEquals(
        codes(10, 10, 12, 10, 0, 255, 0, 255), run(s, dims(1, 1, 8), Buffers.floats(x)));
    s =
        Buffers.spec(
            OpKind.QUANTIZE,
            attributes().ints(1).floats(1f).ints(0, -128, 127, 0).floats(1f).ints(1));
    // [N][C][S] = {{1,3,5},{2,4,6}} is [N][S][C] = {1,2},{3,4},{5,6}.
    assertArrayEquals(
        codes(1, 2, 3, 4, 5, 6), run(s, dims(1, 2, 3), Buffers.floats(1, 3, 5, 2, 4, 6)));
  }

  @Test
  void dividingIsNotMultiplying() {
    int differ = 0;
    for (int k = 1; k <= 20; k++) {
      float scale = k * 0.037f;
      float[] x = new float[255];
      for (int i = 0; i < x.length; i++) {
        x[i] = (i + 0.5f) * scale;
      }
      Attributes.Builder times =
          attributes().ints(0).floats(1f / scale).ints(0, 0, 255, 0).floats(scale).ints(0);
      Attributes.Builder over =
          attributes().ints(0).floats(1f / scale).ints(0, 0, 255, 1).floats(scale).ints(0);
      byte[] a = run(Buffers.spec(OpKind.QUANTIZE, times), dims(1, 1, 255), Buffers.floats(x));
      byte[] b = run(Buffers.spec(OpKind.QUANTIZE, over), dims(1, 1, 255), Buffers.floats(x));
      for (int i = 0; i < x.length; i++) {
        assertEquals((int) Math.min(255, Math.rint((double) (x[i] * (1f / scale)))), a[i] & 0xff);
        assertEquals((int) Math.min(255, Math.rint((double) (x[i] / scale))), b[i] & 0xff);
        differ += a[i] != b[i] ? 1 : 0;
      }
    }
    assertTrue(differ > 0);
  }

  @Test
  void dequantize() {
    OperatorSpec s =
        Buffers.spec(OpKind.DEQUANTIZE, attributes().ints(0).floats(0.5f).ints(128, 1));
    byte[] y = run(s, dims(1, 2, 3), Buffers.bytes(128, 130, 0, 255, 129, 127));
    assertArrayEquals(new float[] {0, -64, 0.5f, 1, 63.5f, -0.5f}, Buffers.toFloats(y));
  }

  @Test
  void addMulLut() {
    OperatorSpec add =
        Buffers.spec(
            OpKind.ADD_Q8,
            attributes()
                .ints(0)
                .floats(0.5f)
                .ints(10)
                .floats(0.25f)
                .ints(20)
                .floats(2f)
                .ints(5, 0, 255));
    assertArrayEquals(
        codes(5, 10, 0, 255),
        run(add, dims(4), Buffers.bytes(10, 12, 0, 255), Buffers.bytes(20, 26, 0, 255)));
    OperatorSpec mul =
        Buffers.spec(OpKind.MUL_Q8, attributes().ints(1, 1, -1).floats(0.5f).ints(3, -128, 127));
    assertArrayEquals(
        codes(3, 5, 127, 3),
        run(mul, dims(4), Buffers.bytes(1, 3, 127, 2), Buffers.bytes(7, 1, 127, 0)));
    byte[] table = new byte[256];
    for (int i = 0; i < 256; i++) {
      table[i] = (byte) (255 - i);
    }
    assertArrayEquals(
        codes(255, 0, 127),
        run(
            Buffers.spec(OpKind.LUT_Q8, attributes(), Buffers.raw(table)),
            dims(3),
            Buffers.bytes(0, 255, 128)));
  }

  @Test
  void pools() {
    float nan = Float.NaN;
    OperatorSpec max =
        Buffers.spec(OpKind.MAXPOOL, attributes().ints(2, 1, 1, 2, 1, 1, 0, 1, 1, 1));
    byte[] y = run(max, dims(1, 1, 4, 1, 4), Buffers.floats(-3, -1, nan, -9));
    assertArrayEquals(new float[] {-3, -1, nan, nan}, Buffers.toFloats(y));
    OperatorSpec maxU8 =
        Buffers.spec(OpKind.MAXPOOL, attributes().ints(0, 1, 1, 2, 1, 1, 0, 0, 1, 1));
    assertArrayEquals(
        codes(200, 200, 100), run(maxU8, dims(1, 1, 4, 1, 3), Buffers.bytes(3, 200, 100, 7)));

    // Window 2, padding 1, stride 2 over 3 values: {pad, 1}, {2, 6}.
    Attributes.Builder with = attributes().ints(2, 1, 1, 2, 1, 2, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0);
    assertArrayEquals(
        new float[] {0.5f, 4f},
        Buffers.toFloats(
            run(Buffers.spec(OpKind.AVGPOOL, with), dims(1, 1, 3, 1, 2), Buffers.floats(1, 2, 6))));
    Attributes.Builder without = attributes().ints(2, 1, 1, 2, 1, 2, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0);
    assertArrayEquals(
        new float[] {1f, 4f},
        Buffers.toFloats(
            run(
                Buffers.spec(OpKind.AVGPOOL, without),
                dims(1, 1, 3, 1, 2),
                Buffers.floats(1, 2, 6))));
    // Codes with zero point 10: (pad + 1) / 2 = 0.5 rounds to 0, (2 + 6) / 2 = 4, as codes 10 and
    // 14.
    Attributes.Builder q = attributes().ints(0, 1, 1, 2, 1, 2, 0, 1, 0, 1, 1, 0, 10, 0, 255, 0);
    assertArrayEquals(
        codes(10, 14),
        run(Buffers.spec(OpKind.AVGPOOL, q), dims(1, 1, 3, 1, 2), Buffers.bytes(11, 12, 16)));
    // With zero point 11 and the rule of contiguous memory 0.5 + 11 rounds to 12.
    Attributes.Builder after = attributes().ints(0, 1, 1, 2, 1, 2, 0, 1, 0, 1, 1, 0, 11, 0, 255, 1);
    assertArrayEquals(
        codes(12, 15),
        run(Buffers.spec(OpKind.AVGPOOL, after), dims(1, 1, 3, 1, 2), Buffers.bytes(12, 13, 17)));
    OperatorSpec adaptive =
        Buffers.spec(OpKind.ADAPTIVE_AVGPOOL, attributes().ints(2, 1, 0, 0, 0, 0));
    // 5 to 3: [0,2) [1,4) [3,5).
    assertArrayEquals(
        new float[] {1.5f, 3f, 4.5f},
        Buffers.toFloats(run(adaptive, dims(1, 1, 5, 1, 3), Buffers.floats(1, 2, 3, 4, 5))));
  }

  @Test
  void concat() {
    OperatorSpec s =
        Buffers.spec(
            OpKind.CONCAT,
            attributes()
                .ints(0, 2)
                .floats(1f)
                .ints(0, 0, 100)
                .floats(1f)
                .ints(0, 1)
                .floats(2f)
                .ints(1, 0));
    byte[] y = run(s, dims(2, 1, 2), Buffers.bytes(7, 200), Buffers.bytes(1, 2, 3, 200));
    assertArrayEquals(codes(7, 0, 2, 100, 4, 100), y);
  }

  @Test
  void floatElementwise() {
    OperatorSpec relu6 =
        Buffers.spec(OpKind.UNARY_F32, attributes().ints(0).floats(0f, 6f, 0f, 0f));
    assertArrayEquals(
        new float[] {0, 6, 3, Float.NaN},
        Buffers.toFloats(run(relu6, dims(4), Buffers.floats(-1, 7, 3, Float.NaN))));
    OperatorSpec tanh =
        Buffers.spec(OpKind.UNARY_F32, attributes().ints(3).floats(-INF, INF, 0f, 0f));
    assertArrayEquals(
        new float[] {Fp.tanh(0.3f)}, Buffers.toFloats(run(tanh, dims(1), Buffers.floats(0.3f))));
    OperatorSpec add = Buffers.spec(OpKind.BINARY_F32, attributes().ints(0).floats(0f, INF));
    assertArrayEquals(
        new float[] {0, 5},
        Buffers.toFloats(run(add, dims(2), Buffers.floats(-4, 2), Buffers.floats(1, 3))));
    OperatorSpec affine =
        Buffers.spec(
            OpKind.AFFINE_F32,
            attributes().ints(2).floats(-INF, INF),
            Buffers.floats(2, 3),
            Buffers.floats(10, 20));
    assertArrayEquals(
        new float[] {12, 26, 16, 32},
        Buffers.toFloats(run(affine, dims(2), Buffers.floats(1, 2, 3, 4))));
  }

  @Test
  void transposeMinMaxHistogram() {
    OperatorSpec t = Buffers.spec(OpKind.TRANSPOSE, attributes().ints(4));
    assertArrayEquals(
        new int[] {1, 4, 2, 5, 3, 6},
        Buffers.toInts(run(t, dims(1, 2, 3), Buffers.ints(1, 2, 3, 4, 5, 6))));
    OperatorSpec m = Buffers.spec(OpKind.MINMAX_F32, attributes().ints(1));
    float nan = Float.NaN;
    assertArrayEquals(
        new float[] {-5, 4, 0, 0, 2, 1, INF, -INF, 1},
        Buffers.toFloats(
            run(
                m,
                dims(2, 3, 2),
                Buffers.floats(1, 4, -0f, nan, nan, nan, -5, 2, 2, 1, nan, nan))));
    assertArrayEquals(
        new float[] {INF, -INF, 0}, Buffers.toFloats(run(m, dims(0, 1, 7), Buffers.floats())));
    OperatorSpec h = Buffers.spec(OpKind.HISTOGRAM_F32, attributes().ints(4));
    assertArrayEquals(
        new int[] {1, 0, 1, 2},
        Buffers.toInts(
            run(h, dims(6), Buffers.floats(0, 2.5f, 4, 3.9f, 4.1f, nan), Buffers.floats(0, 4))));
  }

  @Test
  void dynamicLinear() {
    // x in -1 .. 1.55: scale 0.01, zero point 100; 0.5 is the code 150.
    OperatorSpec s =
        Buffers.spec(
            OpKind.LINEAR_DYNAMIC_Q8,
            attributes().ints(3, 2, 0, 0).floats(-INF, INF),
            Buffers.bytes(1, 2, 3, -1, 0, 1),
            Buffers.floats(0.5f, 2f),
            null,
            Buffers.floats(1f, 0f));
    float xs = (float) ((1.55f + 1.0) / 255);
    byte[] y = run(s, dims(1), Buffers.floats(-1f, 1.55f, 0.5f));
    float[] expected = {
      (float) (-100 + 2 * 155 + 3 * 50) * (xs * 0.5f) + 1f, (float) (100 + 50) * (xs * 2f) + 0f
    };
    assertArrayEquals(expected, Buffers.toFloats(y));
  }

  @Test
  void convolutionsMatchThePlainestLoops() {
    Random random = new Random(5);
    for (int i = 0; i < 150; i++) {
      int groups = 1 + random.nextInt(3);
      int cg = 1 + random.nextInt(4);
      int og = i % 5 == 0 ? 1 : 1 + random.nextInt(5);
      int cin = groups * (i % 5 == 0 ? 1 : cg);
      int cout = groups * og;
      int[] g = {
        1 + random.nextInt(3),
        1 + random.nextInt(3),
        1 + random.nextInt(2),
        1 + random.nextInt(2),
        random.nextInt(2),
        random.nextInt(3),
        random.nextInt(2),
        random.nextInt(2),
        1 + random.nextInt(2),
        1 + random.nextInt(2)
      };
      int n = 1 + random.nextInt(2);
      int h = 5 + random.nextInt(3);
      int w = 5 + random.nextInt(3);
      PlainConv conv = new PlainConv(cin, cout, groups, g, n, h, w);
      conv.compareQ8(JAVA, random);
      conv.compareF32(JAVA, random);
    }
  }

  @Test
  void planRunsSteps() {
    OperatorSpec relu =
        Buffers.spec(OpKind.UNARY_F32, attributes().ints(0).floats(0f, INF, 0f, 0f));
    OperatorSpec add = Buffers.spec(OpKind.BINARY_F32, attributes().ints(0).floats(-INF, INF));
    Storage x = Buffers.floats(0, -1, 2);
    Storage y = Buffers.floats(9, 9, 9);
    try (Operator a = JAVA.create(relu);
        Operator b = JAVA.create(add)) {
      PlanStep first = new PlanStep(a.shape(2), new long[] {-1}, 0, 0);
      PlanStep second = new PlanStep(b.shape(2), new long[] {0, -1}, -2, 0);
      Plan plan = JAVA.plan(List.of(first, second), 64, 2);
      Plan.Session session = plan.newSession();
      assertThrows(BackendException.class, () -> session.run(1));
      assertThrows(BackendException.class, () -> session.bind(0, x, 8));
      assertThrows(BackendException.class, () -> session.bind(2, x, 0));
      session.bind(0, x, 4);
      session.bind(1, y, 0);
      session.run(1);
      assertEquals(-1f, y.buffer().getFloat(0));
      assertEquals(4f, y.buffer().getFloat(4));
      assertEquals(9f, y.buffer().getFloat(8));
      assertThrows(
          BackendException.class,
          () -> JAVA.plan(List.of(new PlanStep(a.shape(2), new long[] {60}, -1, 0)), 64, 1));
      session.close();
      session.close();
      assertThrows(ClosedException.class, () -> session.run(1));
      Plan.Session other = plan.newSession();
      plan.close();
      assertThrows(ClosedException.class, () -> other.run(1));
      assertThrows(ClosedException.class, plan::newSession);
      other.close();
    }
  }

  @Test
  void refusals() {
    OperatorSpec relu =
        Buffers.spec(OpKind.UNARY_F32, attributes().ints(0).floats(0f, INF, 0f, 0f));
    Operator op = JAVA.create(relu);
    OperatorContext context = op.shape(3);
    Storage x = Buffers.floats(1, 2);
    assertThrows(
        BackendException.class,
        () -> context.run(new Storage[] {x}, new long[] {0}, Storage.allocate(12), 0, null, 0));
    assertThrows(BackendException.class, () -> op.shape(1, 2));
    assertThrows(BackendException.class, () -> op.shape(-1));
    assertThrows(
        BackendException.class,
        () -> JAVA.create(Buffers.spec(OpKind.UNARY_F32, attributes().ints(0))));
    assertThrows(
        BackendException.class,
        () -> JAVA.create(Buffers.spec(OpKind.LUT_Q8, attributes(), Storage.allocate(255))));
    Attributes.Builder noStride = attributes().ints(2, 1, 1, 2, 0, 1, 0, 1, 1, 1);
    assertThrows(BackendException.class, () -> JAVA.create(Buffers.spec(OpKind.MAXPOOL, noStride)));
    Attributes.Builder groups =
        attributes().ints(3, 4, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 2).floats(0f, 1f);
    assertThrows(
        BackendException.class,
        () -> JAVA.create(Buffers.spec(OpKind.CONV_F32, groups, Storage.allocate(99))));
    op.close();
    assertThrows(ClosedException.class, () -> op.shape(3));
    assertThrows(
        ClosedException.class,
        () ->
            context.run(
                new Storage[] {Storage.allocate(12)},
                new long[1],
                Storage.allocate(12),
                0,
                null,
                0));
  }
}
