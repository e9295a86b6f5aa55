package org.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.ops.Activation;
import org.octet.ops.BinaryOp;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvOp;
import org.octet.ops.DequantizeOp;
import org.octet.ops.DynamicLinearOp;
import org.octet.ops.FlattenOp;
import org.octet.ops.Forward;
import org.octet.ops.LinearOp;
import org.octet.ops.Op;
import org.octet.ops.QuantizeOp;
import org.octet.ops.QuantizedConvOp;
import org.octet.ops.UnaryOp;
import org.octet.tensor.ClosedException;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

class ProgramTest {
  static List<Backend> backends() {
    return TestBackends.all();
  }

  static ProgramOptions on(Backend b) {
    return ProgramOptions.defaults().withBackend(b);
  }

  static int[] bits(Tensor t) {
    float[] v = ((FloatTensor) t).toArray();
    int[] b = new int[v.length];
    for (int i = 0; i < b.length; i++) {
      b[i] = Float.floatToRawIntBits(v[i]);
    }
    return b;
  }

  /** Runs eagerly on the Java twin and as a program on {@code backend}, for two batch sizes. */
  private static void checkEager(Forward f, Backend backend, int... dims) {
    Graph g = Tracer.trace(f, FloatTensor.zeros(dims));
    try (Program p = Program.compile(g, on(backend))) {
      for (int n : new int[] {dims[0], dims[0] + 2}) {
        int[] d = dims.clone();
        d[0] = n;
        FloatTensor x = Nets.random(40 + n, d);
        Tensor eager = Backends.with(JavaBackend.instance(), () -> f.forward(x));
        assertArrayEquals(bits(eager), bits(p.run(x)), () -> p.describe());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void floatNetworkEqualsEager(Backend b) {
    checkEager(Nets.floats(), b, 1, 3, 9, 9);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void quantizedNetworkEqualsEager(Backend b) {
    checkEager(Nets.quantized(), b, 1, 3, 9, 9);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void oneChannelAndOnePixelNeedNoConversion(Backend b) {
    FloatTensor w1 = Nets.random(1, 4, 1, 3, 3);
    FloatTensor w2 = Nets.random(2, 3, 4, 3, 3);
    Forward f =
        in ->
            new FlattenOp(1, -1)
                .apply(
                    new ConvOp(ConvGeometry.square(3, 1, 0, 1, 1), Activation.NONE)
                        .apply(
                            new ConvOp(Nets.K3, Activation.RELU).apply(in[0], w1, null), w2, null));
    checkEager(f, b, 2, 1, 3, 3);
    try (Program p = Program.compile(Tracer.trace(f, FloatTensor.zeros(1, 1, 3, 3)), on(b))) {
      assertEquals(2, steps(p), p::describe);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void severalInputsAndOutputsSharedChildAndMixedFormats(Backend b) {
    FloatTensor w = Nets.random(1, 3, 3, 3, 3);
    ConvOp conv = new ConvOp(Nets.K3, Activation.NONE);
    Function<Tensor[], Tensor[]> f =
        in -> {
          Tensor shared = conv.apply(conv.apply(in[0], w, null), w, null);
          // Contiguous second input against a channels-last first one, and the other way round.
          Tensor sum = BinaryOp.ADD.apply(shared, in[1]);
          Tensor product = BinaryOp.MUL.apply(in[1], shared);
          return new Tensor[] {sum, shared, in[1], sum, product};
        };
    Graph g = Tracer.traceAll(f, FloatTensor.zeros(1, 3, 4, 4), FloatTensor.zeros(1, 3, 4, 4));
    Tensor[] x = {Nets.random(5, 1, 3, 4, 4), Nets.random(6, 1, 3, 4, 4)};
    Tensor[] eager = Backends.with(JavaBackend.instance(), () -> f.apply(x));
    try (Program p = Program.compile(g, on(b))) {
      Tensor[] out = p.run(x);
      assertEquals(5, out.length);
      for (int k = 0; k < out.length; k++) {
        assertArrayEquals(bits(eager[k]), bits(out[k]), "output " + k);
        assertTrue(out[k].isDense(MemoryFormat.CONTIGUOUS));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void quantizedInputsAndOutputs(Backend b) {
    QuantizedTensor w = Nets.weight(1, 4, 3, 3, 3);
    Forward f =
        in -> new QuantizedConvOp(Nets.K3, Nets.HIDDEN, Activation.NONE).apply(in[0], w, null);
    QuantizedTensor x = QuantizedTensor.quantize(Nets.random(9, 2, 3, 5, 5), Nets.IMAGE);
    Tensor eager = Backends.with(JavaBackend.instance(), () -> f.forward(x));
    try (Program p = Program.compile(Tracer.trace(f, x), on(b))) {
      assertArrayEquals(
          ((QuantizedTensor) eager).intRepr(), ((QuantizedTensor) p.run(x)).intRepr());
      QuantizedTensor other = QuantizedTensor.quantize(Nets.random(9, 2, 3, 5, 5), Nets.WIDE);
      String text = assertThrows(DTypeException.class, () -> p.run(other)).getMessage();
      assertTrue(text.contains("0.02") && text.contains("0.09"), text);
    }
  }

  @Test
  void constantsAsActivationsAndAsResultsAreCopied() {
    FloatTensor c = Nets.random(3, 2, 3);
    Graph g =
        Tracer.traceAll(
            in -> new Tensor[] {BinaryOp.ADD.apply(in[0], c), c}, FloatTensor.zeros(2, 3));
    FloatTensor x = Nets.random(4, 2, 3);
    try (Program p = Program.compile(g)) {
      Tensor[] want = {BinaryOp.ADD.apply(x, c), c.copy()};
      c.fill(7f);
      Tensor[] got = p.run(new Tensor[] {x});
      assertArrayEquals(bits(want[0]), bits(got[0]));
      assertArrayEquals(bits(want[1]), bits(got[1]), "the program has its own copy");
      assertEquals(24, p.weightBytes());
    }
  }

  @Test
  void whatDependsOnConstantsOnlyIsComputedOnce() {
    FloatTensor w = Nets.random(1, 4, 3);
    Forward f =
        in ->
            new LinearOp(Activation.NONE)
                .apply(in[0], UnaryOp.RELU.apply(BinaryOp.ADD.apply(w, w)), null);
    FloatTensor x = Nets.random(4, 2, 3);
    Program p;
    try (TensorScope scope = TensorScope.open()) {
      p = Program.compile(Tracer.trace(f, x));
    }
    assertEquals(1, steps(p));
    assertArrayEquals(bits(f.forward(x)), bits(p.run(x)));
    p.run(Nets.random(4, 5, 3));
    p.close();
  }

  @Test
  void reluMovesIntoTheOperatorBeforeItUnlessItsInputIsNeeded() {
    FloatTensor w = Nets.random(1, 4, 3);
    LinearOp linear = new LinearOp(Activation.NONE);
    Forward fused = in -> UnaryOp.RELU.apply(linear.apply(in[0], w, null));
    Forward needed =
        in -> {
          Tensor y = linear.apply(in[0], w, null);
          return BinaryOp.ADD.apply(UnaryOp.RELU6.apply(y), y);
        };
    FloatTensor x = Nets.random(4, 2, 3);
    try (Program a = Program.compile(Tracer.trace(fused, x));
        Program b = Program.compile(Tracer.trace(needed, x))) {
      assertEquals(1, steps(a), a::describe);
      assertEquals(3, steps(b), b::describe);
      assertArrayEquals(bits(fused.forward(x)), bits(a.run(x)));
      assertArrayEquals(bits(needed.forward(x)), bits(b.run(x)));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void reluOfADynamicLinearLayer(Backend b) {
    QuantizedTensor w = Nets.weight(1, 6, 40);
    FloatTensor bias = Nets.random(2, 6);
    Forward f =
        in ->
            UnaryOp.clamp(-0.5f, 0.75f)
                .apply(
                    new DynamicLinearOp(false, DynamicLinearOp.Granularity.PER_ROW, Activation.NONE)
                        .apply(in[0], w, bias));
    checkEager(f, b, 3, 40);
    try (Program p = Program.compile(Tracer.trace(f, FloatTensor.zeros(3, 40)), on(b))) {
      assertEquals(1, steps(p), p::describe);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void anyNumberOfThreadsGivesTheSameBits(Backend b) {
    for (Forward f : List.of(Nets.floats(), Nets.quantized())) {
      FloatTensor x = Nets.random(3, 5, 3, 9, 9);
      try (Program p = Program.compile(Tracer.trace(f, x), on(b).withThreads(3));
          Session s = p.newSession()) {
        int[] want = bits(s.threads(1).run(x));
        for (int n : new int[] {2, 3, 8}) {
          assertArrayEquals(want, bits(s.threads(n).run(x)), n + " threads");
          s.spin(Duration.ofNanos(20_000L * (n % 3)));
        }
        assertArrayEquals(want, bits(p.run(x)));
      }
    }
  }

  @Test
  void quantizedReluBecomesBoundsOfTheConvolution() {
    QuantizedTensor w = Nets.weight(1, 4, 3, 3, 3);
    Forward f =
        in ->
            UnaryOp.RELU.apply(
                new QuantizedConvOp(Nets.K3, Nets.HIDDEN, Activation.NONE).apply(in[0], w, null));
    QuantizedTensor x = QuantizedTensor.quantize(Nets.random(9, 2, 3, 5, 5), Nets.IMAGE);
    int[] codes = ((QuantizedTensor) f.forward(x)).intRepr();
    assertTrue(Arrays.stream(codes).anyMatch(q -> q > Nets.HIDDEN.zeroPoint()));
    try (Program p = Program.compile(Tracer.trace(f, x))) {
      assertFalse(p.describe().contains("LUT_Q8"), p.describe());
      assertArrayEquals(codes, ((QuantizedTensor) p.run(x)).intRepr());
    }
    Forward sigmoid = in -> UnaryOp.SIGMOID.apply(f.forward(in));
    try (Program p = Program.compile(Tracer.trace(sigmoid, x))) {
      assertTrue(p.describe().contains("LUT_Q8"), p.describe());
      assertArrayEquals(
          ((QuantizedTensor) sigmoid.forward(x)).intRepr(), ((QuantizedTensor) p.run(x)).intRepr());
    }
  }

  @Test
  void quantizeAndDequantizeChangeTheOrderThemselves() {
    QuantizedTensor w = Nets.weight(1, 4, 3, 3, 3);
    Forward f =
        in ->
            new DequantizeOp()
                .apply(
                    new QuantizedConvOp(Nets.K3, Nets.HIDDEN, Activation.NONE)
                        .apply(new QuantizeOp(Nets.IMAGE).apply(in[0]), w, null));
    try (Program p = Program.compile(Tracer.trace(f, FloatTensor.zeros(2, 3, 6, 5)))) {
      assertEquals(3, steps(p), p::describe);
      assertFalse(p.describe().contains("TRANSPOSE"), p.describe());
    }
    checkEager(f, Backends.current(), 2, 3, 6, 5);
  }

  @Test
  void equalStepsRunOnceAndDeadOnesNotAtAll() {
    Forward f =
        in -> {
          new QuantizeOp(Nets.WIDE).apply(in[0]);
          Tensor a = new DequantizeOp().apply(new QuantizeOp(Nets.HIDDEN).apply(in[0]));
          Tensor b = new DequantizeOp().apply(new QuantizeOp(Nets.HIDDEN).apply(in[0]));
          return BinaryOp.ADD.apply(a, b);
        };
    FloatTensor x = Nets.random(3, 2, 7);
    try (Program p = Program.compile(Tracer.trace(f, x))) {
      assertEquals(3, steps(p), p::describe);
      assertArrayEquals(bits(f.forward(x)), bits(p.run(x)));
    }
  }

  static int steps(Program p) {
    return (int) p.describe().lines().count() - 2;
  }

  @Test
  void anotherBatchSizeMakesOnePlanAndNoOperator() {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    try (Program p =
        Program.compile(
            Tracer.trace(Nets.quantized(), FloatTensor.zeros(1, 3, 9, 9)), on(b).withMaxPlans(2))) {
      int operators = b.operators.get();
      long weights = p.weightBytes();
      for (int round = 0; round < 3; round++) {
        for (int n : new int[] {1, 4, 4}) {
          p.run(Nets.random(n, n, 3, 9, 9));
        }
      }
      assertEquals(2, p.plansBuilt());
      assertEquals(2, b.plans.get());
      assertEquals(operators, b.operators.get(), "weights are packed once");
      assertEquals(weights, p.weightBytes());
      p.run(Nets.random(1, 5, 3, 9, 9));
      assertEquals(3, b.plans.get());
      assertEquals(2, b.plansOpen.get(), "the cache is bounded");
      assertEquals(2, b.arenasOpen.get(), "and so are the session's arenas");
      for (int n = 1; n < 6; n++) {
        FloatTensor x = Nets.random(n, n, 3, 9, 9);
        assertArrayEquals(bits(Nets.quantized().forward(x)), bits(p.run(x)));
      }
    }
    assertEquals(0, b.operatorsOpen.get());
    assertEquals(0, b.plansOpen.get());
    assertEquals(0, b.arenasOpen.get());
  }

  @Test
  void inputsThatDoNotFitAreRefusedByName() {
    try (Program p = Program.compile(Tracer.trace(Nets.floats(), FloatTensor.zeros(1, 3, 9, 9)))) {
      FloatTensor x = Nets.random(1, 1, 3, 9, 9);
      FloatTensor out = FloatTensor.zeros(1, 5);
      p.run(x, out);
      float[] before = out.toArray();

      refused(
          ShapeException.class,
          () -> p.run(FloatTensor.zeros(1, 3, 9), out),
          "input",
          "[1, 3, 9]",
          "[1, 3, 9, 9]");
      refused(
          ShapeException.class,
          () -> p.run(FloatTensor.zeros(1, 4, 9, 9), out),
          "[1, 4, 9, 9]",
          "3");
      refused(ShapeException.class, () -> p.run(FloatTensor.zeros(1, 3, 30, 30), out), "256");
      refused(ShapeException.class, () -> p.run(FloatTensor.zeros(0, 3, 9, 9), out), "empty");
      refused(
          ShapeException.class,
          () -> p.run(x, FloatTensor.zeros(2, 5)),
          "output",
          "[2, 5]",
          "[1, 5]");
      refused(
          ShapeException.class,
          () -> p.run(x.contiguous(MemoryFormat.CHANNELS_LAST), out),
          "input",
          "not contiguous",
          "contiguous()");
      refused(
          ShapeException.class,
          () -> p.run(FloatTensor.zeros(2, 3, 9, 9).slice(3, 0, 5), out),
          "not contiguous");
      refused(
          DTypeException.class,
          () -> p.run(QuantizedTensor.quantize(x, Nets.IMAGE), out),
          "input",
          "quint8",
          "float32");
      refused(
          OctetException.class,
          () -> p.run(new Tensor[] {x, x}, new Tensor[] {out}),
          "2",
          "1 inputs");
      refused(OctetException.class, () -> p.run(new Tensor[] {x}, new Tensor[0]), "0", "1 outputs");
      refused(OctetException.class, () -> p.run((Tensor) null, out), "input", "null");
      refused(OctetException.class, () -> p.run(x, null), "output", "null");
      FloatTensor closed = FloatTensor.zeros(1, 3, 9, 9);
      closed.close();
      refused(ClosedException.class, () -> p.run(closed, out), "input");
      FloatTensor closedOut = FloatTensor.zeros(1, 5);
      closedOut.close();
      refused(ClosedException.class, () -> p.run(x, closedOut), "output");

      p.run(x, out);
      assertArrayEquals(before, out.toArray());
    }
  }

  private static void refused(Class<? extends OctetException> type, Runnable run, String... words) {
    String text = assertThrows(type, run::run).getMessage();
    for (String w : words) {
      assertTrue(text.contains(w), text + " should say " + w);
    }
  }

  @Test
  void outputsMustNotShareMemory() {
    FloatTensor w = Nets.random(1, 3, 3);
    try (Program p =
        Program.compile(
            Tracer.trace(
                in -> new LinearOp(Activation.NONE).apply(in[0], w, null),
                FloatTensor.zeros(2, 3)))) {
      FloatTensor both = Nets.random(2, 4, 3);
      refused(
          OctetException.class,
          () -> p.run(both.slice(0, 0, 2), both.slice(0, 1, 3)),
          "output",
          "input",
          "shares");
      FloatTensor want = (FloatTensor) p.run(both.slice(0, 0, 2));
      p.run(both.slice(0, 0, 2), both.slice(0, 2, 4));
      assertArrayEquals(
          bits(want), bits(both.slice(0, 2, 4)), "halves of one tensor do not overlap");
    }
  }

  /** Records what a program refuses. */
  private static final class TrainOp extends Op {
    @Override
    public String name() {
      return "train_only";
    }

    @Override
    public Tensor[] infer(Tensor... in) {
      return new Tensor[] {FloatTensor.ofSpec(in[0].shape(), in[0].format())};
    }
  }

  private static final class Bad extends Module {
    private final Key inner = child("inner", new Inner());

    @Override
    public Tensor forward(Tensor... in) {
      return run(inner, in);
    }

    static final class Inner extends Module {
      private final Key fc = child("fc", new Linear(3, 3));
      private final Key bad = child("bad", new Leaf());

      @Override
      public Tensor forward(Tensor... in) {
        return run(bad, run(fc, in));
      }

      Forward fcOnly() {
        return in -> run(fc, in);
      }
    }

    static final class Leaf extends Module {
      @Override
      public Tensor forward(Tensor... in) {
        return new TrainOp().apply(in);
      }
    }
  }

  @Test
  void compileNamesTheModuleThatItRefusesAndLeavesNothingOpen() {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    Graph g = Tracer.trace(new Bad(), FloatTensor.zeros(1, 3));
    OctetException e = assertThrows(OctetException.class, () -> Program.compile(g, on(b)));
    assertEquals("inner.bad", e.modulePath());
    assertTrue(e.getMessage().startsWith("inner.bad: Op train_only"), e.getMessage());
    assertEquals(0, b.operatorsOpen.get());
  }

  @Test
  void weightsMustBeConstantsAndOpen() {
    LinearOp linear = new LinearOp(Activation.NONE);
    Graph computed = Tracer.trace(in -> linear.apply(in[0], in[0], null), FloatTensor.zeros(3, 3));
    refused(OctetException.class, () -> Program.compile(computed), "linear", "input");
    FloatTensor w = FloatTensor.zeros(3, 3);
    Graph closed = Tracer.trace(in -> linear.apply(in[0], w, null), FloatTensor.zeros(3, 3));
    w.close();
    refused(ClosedException.class, () -> Program.compile(closed), "closed");
  }

  @Test
  void optionsAreChecked() {
    assertThrows(OctetException.class, () -> ProgramOptions.defaults().withSessions(0));
    assertThrows(OctetException.class, () -> ProgramOptions.defaults().withMaxPlans(0));
    assertThrows(OctetException.class, () -> ProgramOptions.defaults().withThreads(0));
    assertThrows(
        OctetException.class, () -> ProgramOptions.defaults().withSpin(Duration.ofSeconds(2)));
    assertThrows(OctetException.class, () -> ProgramOptions.defaults().withSpin(null));
    ProgramOptions all =
        ProgramOptions.defaults()
            .withSpin(Duration.ofMillis(1))
            .withThreads(2)
            .withMaxPlans(3)
            .withSessions(4);
    assertEquals(new ProgramOptions(null, 4, 3, 2, Duration.ofMillis(1)), all);
  }

  @Test
  void describeTellsStepsAndBytes() {
    try (Program p =
        Program.compile(Tracer.trace(new Bad.Inner().fcOnly(), FloatTensor.zeros(2, 3)))) {
      String text = p.describe();
      assertTrue(
          text.contains("linear")
              && text.contains("fc")
              && text.contains("CONV_F32")
              && text.contains("[2, 3]"),
          text);
      assertTrue(text.contains("weights 48 bytes"), text);
      assertEquals(48, p.weightBytes());
    }
  }

  @Test
  void dtypeOfAFreshResultIsTheGraphs() {
    QParams q = QParams.perTensor(0.5, 3, DType.QINT8);
    try (Program p =
        Program.compile(
            Tracer.trace(in -> new QuantizeOp(q).apply(in[0]), FloatTensor.zeros(2, 3)))) {
      Tensor y = p.run(FloatTensor.full(1f, 2, 3));
      assertEquals(q, y.qparams());
      assertEquals(Shape.of(2, 3), y.shape());
      assertArrayEquals(new int[] {5, 5, 5, 5, 5, 5}, ((QuantizedTensor) y).intRepr());
    }
  }
}
