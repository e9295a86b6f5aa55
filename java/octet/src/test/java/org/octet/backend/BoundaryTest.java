package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.octet.tensor.ClosedException;
import org.octet.tensor.Storage;

/**
 * What must be refused before it reaches a kernel, on every backend, and that the message says why.
 */
class BoundaryTest {
  private static final float INF = Float.POSITIVE_INFINITY;

  static List<Backend> backends() {
    List<Backend> all = new ArrayList<>(List.of(JavaBackend.instance()));
    all.addAll(NativeBackend.available());
    return all;
  }

  private static Attributes.Builder a() {
    return Attributes.builder();
  }

  private static void refused(String part, Runnable body) {
    BackendException e = assertThrows(BackendException.class, body::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static void notMade(
      Backend b, String part, OpKind kind, Attributes.Builder a, Storage... constants) {
    refused(part, () -> b.create(Buffers.spec(kind, a, constants)));
  }

  private static void notShaped(
      Backend b, String part, OpKind kind, Attributes.Builder a, int... dims) {
    try (Operator op = b.create(Buffers.spec(kind, a))) {
      refused(part, () -> op.shape(dims));
    }
  }

  private static Operator relu(Backend b) {
    return b.create(Buffers.spec(OpKind.UNARY_F32, a().ints(0).floats(0f, INF, 0f, 0f)));
  }

  private static Attributes.Builder maxPool(long kernel, long stride, long pad, long dilation) {
    return a().ints(0, 1, kernel, kernel, stride, stride, pad, pad, dilation, dilation);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void slotsThatDoNotFitAnInt(Backend b) {
    Storage empty = Storage.allocate(0);
    notMade(b, "slot 0", OpKind.AFFINE_F32, a().ints(1L << 32).floats(-INF, INF), empty, empty);
    notMade(b, "slot 0", OpKind.AFFINE_F32, a().ints(-1).floats(-INF, INF), empty, empty);
    notMade(
        b,
        "slot 0",
        OpKind.LINEAR_DYNAMIC_Q8,
        a().ints(-1, -1, 0, 0).floats(-INF, INF),
        empty,
        empty);
    notMade(
        b,
        "slot 1",
        OpKind.LINEAR_DYNAMIC_Q8,
        a().ints(1, 1L << 32, 0, 0).floats(-INF, INF),
        empty,
        empty);
    notMade(
        b,
        "slot 1",
        OpKind.CONCAT,
        a().ints(2, (1L << 32) + 1).floats(1f).ints(0, 0, 255).floats(1f).ints(0, 1));
    notMade(b, "slot 0", OpKind.HISTOGRAM_F32, a().ints(Integer.MAX_VALUE));
    notMade(b, "expected 1 to", OpKind.TRANSPOSE, a().ints((1L << 32) + 4));
    notMade(b, "slot 0", OpKind.MAXPOOL, a().ints((1L << 32) + 2, 1, 1, 1, 1, 1, 0, 0, 1, 1));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void slotsThatAreMissing(Backend b) {
    notMade(
        b,
        "attribute slots",
        OpKind.CONCAT,
        a().ints(2, 2).floats(1f).ints(0, 0, 255).floats(1f).ints(0, 1));
    notMade(b, "attribute slots", OpKind.MAXPOOL, a().ints(2, 1, 1));
    notMade(b, "attribute slots", OpKind.UNARY_F32, a());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void codesOutsideOfTheirType(Backend b) {
    notMade(b, "slot 0", OpKind.DEQUANTIZE, a().ints(2).floats(1f).ints(0, 0));
    notMade(b, "slot 2", OpKind.DEQUANTIZE, a().ints(0).floats(1f).ints(-1, 0));
    notMade(b, "slot 2", OpKind.DEQUANTIZE, a().ints(1).floats(1f).ints(128, 0));
    notMade(
        b, "empty", OpKind.QUANTIZE, a().ints(0).floats(1f).ints(3, 9, 8, 0).floats(1f).ints(0));
    notMade(
        b, "slot 4", OpKind.QUANTIZE, a().ints(0).floats(1f).ints(3, 0, 256, 0).floats(1f).ints(0));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void constants(Backend b) {
    Storage weight = Storage.allocate(6);
    Attributes.Builder conv = a().ints(0, 0, 2, 3, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 255);
    b.create(Buffers.spec(OpKind.CONV_Q8, conv, weight, Buffers.floats(1f, 1f, 1f))).close();
    notMade(
        b, "NaN in constant 1", OpKind.CONV_Q8, conv, weight, Buffers.floats(1f, Float.NaN, 1f));
    notMade(b, "no constant 1", OpKind.CONV_Q8, conv, weight, null);
    notMade(
        b,
        "8 bytes for constant 1; expected 12",
        OpKind.CONV_Q8,
        conv,
        weight,
        Buffers.floats(1f, 1f));
    notMade(
        b,
        "constant 3",
        OpKind.CONV_Q8,
        conv,
        weight,
        Buffers.floats(1f, 1f, 1f),
        null,
        Buffers.ints(1, 2));
    Attributes.Builder huge =
        a().ints(1 << 30, 1 << 30, 1 << 30, 1 << 30, 1, 1, 0, 0, 0, 0, 1, 1, 1).floats(-INF, INF);
    notMade(b, "more than the 2147483583 bytes", OpKind.CONV_F32, huge, weight);
    Storage closed = Storage.allocate(6);
    closed.release();
    assertThrows(
        ClosedException.class,
        () -> b.create(Buffers.spec(OpKind.CONV_Q8, conv, closed, Buffers.floats(1f, 1f, 1f))));
  }

  /** One channel, weight 2, codes 0 .. 100 around 10, then a residual around 5. */
  private static Attributes.Builder residual(long side, long last) {
    Attributes.Builder a =
        a().ints(0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 10, 10, 0, 100)
            .ints(1, 1, 0, 0, 1, 1, 1, 1);
    return a.ints(side).floats(2f, 0.5f).ints(5).floats(0.5f).ints(3, 0, last);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void residuals(Backend b) {
    Storage weight = Buffers.bytes(2);
    Storage half = Buffers.floats(0.5f);
    notMade(b, "slot 27", OpKind.CONV_Q8, residual(2, 255), weight, half);
    notMade(b, "slot 34", OpKind.CONV_Q8, residual(0, 256), weight, half);
    Attributes whole = residual(0, 255).build();
    Attributes.Builder cut = a();
    for (int i = 0; i < whole.size() - 1; i++) {
      cut.ints(whole.get(i));
    }
    notMade(b, "attribute slots", OpKind.CONV_Q8, cut, weight, half);
    for (long side = 0; side < 2; side++) {
      OperatorSpec spec = Buffers.spec(OpKind.CONV_Q8, residual(side, 255), weight, half);
      try (Operator op = b.create(spec)) {
        refused("expected 4", () -> op.shape(2, 1, 1));
        OperatorContext c = op.shape(2, 1, 1, 1);
        Storage x = Buffers.bytes(12, 200);
        Storage scratch = Storage.allocate(c.scratchBytes());
        Storage[] one = {x};
        refused("1 inputs", () -> c.run(one, new long[1], x, 0, scratch, 0));
        Storage[] small = {x, Storage.allocate(1)};
        refused("input 1", () -> c.run(small, new long[2], x, 0, scratch, 0));
        // The product's 200 is 100 before it is added; the result takes the residual's place.
        Storage r = Buffers.bytes(9, 5);
        c.run(new Storage[] {x, r}, new long[2], r, 0, scratch, 0);
        byte[] y = new byte[2];
        r.buffer().duplicate().get(y);
        assertArrayEquals(new byte[] {6, 93}, y);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void sizes(Backend b) {
    int most = Integer.MAX_VALUE;
    notShaped(b, "more than", OpKind.UNARY_F32, a().ints(0).floats(-INF, INF, 0f, 0f), 1 << 30);
    notShaped(b, "more than", OpKind.TRANSPOSE, a().ints(1), 1 << 16, 1 << 16, 1);
    notShaped(
        b,
        "more than",
        OpKind.TRANSPOSE,
        a().ints(1),
        0,
        most,
        most); // no element, but no such image either
    notShaped(b, "not negative", OpKind.TRANSPOSE, a().ints(1), 1, -1, 1);
    notShaped(b, "expected 3", OpKind.TRANSPOSE, a().ints(1), 1, 1);
    notShaped(b, "one channel", OpKind.MINMAX_F32, a().ints(0), 1, 2, 3);
    notShaped(b, "windows ends beyond", OpKind.MAXPOOL, maxPool(2, 1 << 30, 0, 1), 1, 4, 4, 4, 4);
    notShaped(
        b, "windows ends beyond", OpKind.MAXPOOL, maxPool(1 << 30, 1, 0, 1 << 30), 1, 4, 4, 1, 1);
    notShaped(b, "outputs; the limit", OpKind.MAXPOOL, maxPool(1, 1, 0, 1), 1, 1, 1, 1, 1 << 25);
    notShaped(b, "2^31 - 1", OpKind.MAXPOOL, maxPool(1, 1, 1 << 30, 1), 1, 1, 1, 1, 1);
    Attributes.Builder conv =
        a().ints(1, 1, 3, 1, 1, 1, 0, 0, 0, 0, 1 << 30, 1, 1).floats(-INF, INF);
    try (Operator op = b.create(Buffers.spec(OpKind.CONV_F32, conv, Storage.allocate(12)))) {
      refused(
          "larger than its input",
          () -> op.shape(1, 5, 5)); // 2 * 2^30 + 1 as an int would be negative
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void buffers(Backend b) {
    Storage s = Storage.allocate(64);
    Storage[] in = {s};
    try (Operator op = relu(b)) {
      OperatorContext c = op.shape(4);
      refused(
          "stands at byte 2; expected a multiple of 4",
          () -> c.run(in, new long[] {2}, s, 16, null, 0));
      refused("stands at byte 17", () -> c.run(in, new long[] {0}, s, 17, null, 0));
      refused("stands at byte 52", () -> c.run(in, new long[] {52}, s, 0, null, 0));
      refused("stands at byte -4", () -> c.run(in, new long[] {-4}, s, 0, null, 0));
      refused("stands at byte", () -> c.run(in, new long[] {Long.MAX_VALUE - 3}, s, 0, null, 0));
      refused(
          "output of operator UNARY_F32 is missing",
          () -> c.run(in, new long[1], null, 0, null, 0));
      refused(
          "input 0 of operator UNARY_F32 is missing",
          () -> c.run(new Storage[1], new long[1], s, 0, null, 0));
      refused("0 offsets", () -> c.run(in, new long[0], s, 0, null, 0));
      refused("0 inputs", () -> c.run(new Storage[0], new long[1], s, 0, null, 0));
      Storage closed = Storage.allocate(64);
      closed.release();
      assertThrows(
          ClosedException.class, () -> c.run(new Storage[] {closed}, new long[1], s, 0, null, 0));
      assertThrows(ClosedException.class, () -> c.run(in, new long[1], closed, 0, null, 0));
      // The output in the place of the input is as good as any for an operator over single
      // elements.
      Storage x = Buffers.floats(-1f, 2f, -3f, 4f);
      c.run(new Storage[] {x}, new long[1], x, 0, null, 0);
      byte[] y = new byte[16];
      x.buffer().duplicate().get(y);
      byte[] expected = new byte[16];
      Buffers.floats(0f, 2f, 0f, 4f).buffer().duplicate().get(expected);
      assertArrayEquals(expected, y);
      OperatorContext empty = op.shape(0);
      assertEquals(0, empty.outputBytes());
      empty.run(in, new long[] {64}, s, 64, null, 0);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void plans(Backend b) {
    Backend other =
        b == JavaBackend.instance()
            ? (NativeBackend.available().isEmpty() ? null : NativeBackend.best())
            : JavaBackend.instance();
    try (Operator op = relu(b)) {
      OperatorContext c = op.shape(4);
      refused("stands at byte 52", () -> b.plan(List.of(step(c, 0, 52)), 64, 0));
      refused("multiple of 4", () -> b.plan(List.of(step(c, 0, 18)), 64, 0));
      refused("external buffer 1", () -> b.plan(List.of(step(c, -2, 0)), 64, 1));
      refused(
          "external buffer 9223372036854775807",
          () -> b.plan(List.of(step(c, Long.MIN_VALUE, 0)), 64, 1));
      refused("scratch memory", () -> b.plan(List.of(new PlanStep(c, new long[1], 0, -64)), 64, 0));
      refused(
          "2 inputs; expected 1", () -> b.plan(List.of(new PlanStep(c, new long[2], 0, 0)), 64, 0));
      refused("is null", () -> b.plan(List.of(step(null, 0, 16)), 64, 0));
      refused("external buffers; expected", () -> b.plan(List.of(), 64, -1));
      refused("arena of -1 bytes", () -> b.plan(List.of(), -1, 0));
      if (other != null) {
        try (Operator foreign = relu(other)) {
          OperatorContext f = foreign.shape(4);
          refused(
              "of another backend", () -> b.plan(List.of(step(c, 0, 16), step(f, 16, 32)), 64, 0));
        }
      }
    }
  }

  private static PlanStep step(OperatorContext c, long in, long out) {
    return new PlanStep(c, new long[] {in}, out, 0);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void buffersOfAPlan(Backend b) {
    try (Operator op = relu(b);
        Plan plan = b.plan(List.of(step(op.shape(4), -1, -2)), 0, 2);
        Plan.Session session = plan.newSession()) {
      Storage x = Buffers.floats(-1f, 2f, -3f, 4f);
      refused("not bound", () -> session.run(1));
      refused("multiple of 4", () -> session.bind(0, Storage.allocate(32), 2));
      refused("missing", () -> session.bind(0, null, 0));
      refused("External buffer -1", () -> session.bind(-1, x, 0));
      session.bind(0, x, 0);
      Storage out = Storage.allocate(16);
      session.bind(1, out, 0);
      session.run(1);
      assertEquals(4f, out.buffer().getFloat(12));
      out.release();
      assertThrows(ClosedException.class, () -> session.run(1));
      assertThrows(ClosedException.class, () -> session.run(2));
      x.acquire(); // the refused runs hold nothing: this one and the first make two
      x.release();
      x.release();
      assertThrows(ClosedException.class, x::buffer);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aPlanKeepsWhatItChecked(Backend b) {
    long[] inputs = {-1};
    try (Operator op = relu(b)) {
      PlanStep step = new PlanStep(op.shape(4), inputs, -2, 0);
      List<PlanStep> steps = new ArrayList<>(List.of(step));
      try (Plan plan = b.plan(steps, 0, 2);
          Plan.Session session = plan.newSession()) {
        inputs[0] = 1L << 40;
        step.inputs()[0] = 1L << 40;
        steps.clear();
        session.bind(0, Buffers.floats(1f, 2f, 3f, 4f), 0);
        Storage out = Storage.allocate(16);
        session.bind(1, out, 0);
        session.run(1);
        assertEquals(4f, out.buffer().getFloat(12));
      }
    }
  }
}
