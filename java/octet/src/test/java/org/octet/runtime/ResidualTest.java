package org.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.octet.runtime.ProgramTest.bits;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.backend.Operator;
import org.octet.backend.OperatorSpec;
import org.octet.backend.Plan;
import org.octet.backend.PlanStep;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Conv3d;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.Forward;
import org.octet.ops.QuantizeOp;
import org.octet.ops.QuantizedAddOp;
import org.octet.ops.QuantizedConvOp;
import org.octet.quantization.ConvertOptions;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.Engine;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QConfigs;
import org.octet.quantization.QuantStub;
import org.octet.quantization.Quantization;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** Residual sums of quantized networks, which a Program computes in the product before them. */
class ResidualTest {
  private static final int[] IMAGE = {1, 8, 9, 7};

  /** Sums, and how many of them find a product of their own. */
  private enum Sums {
    PRODUCT_LEFT(1, 1),
    PRODUCT_RIGHT(1, 1),
    PRODUCT_RIGHT_RELU(1, 1),
    TWO_PRODUCTS(1, 1),
    PRODUCT_READ_AGAIN(2, 0),
    PRODUCT_WITH_ITSELF(1, 0),
    CLAMPED_PRODUCT(1, 1),
    DEPTHWISE(1, 1),
    BLOCKS(3, 3);

    final int all;
    final int fused;

    Sums(int all, int fused) {
      this.all = all;
      this.fused = fused;
    }
  }

  /** Takes images of 8 channels. */
  private static final class Net extends Module {
    private final Sums sums;
    private final Key quant = child("quant", new QuantStub());
    private final Key stem = child("stem", block(8, 24, 1, 1, true));
    private final Key one = child("one", block(24, 24, 3, 1, true));
    private final Key two = child("two", block(24, 24, 1, 1, false));
    private final Key depthwise = child("depthwise", block(24, 24, 3, 24, false));
    private final Key[] sum = new Key[3];
    private final Key dequant = child("dequant", new DeQuantStub());

    Net(Sums sums) {
      this.sums = sums;
      for (int i = 0; i < sums.all; i++) {
        sum[i] = child("sum" + i, new FloatFunctional());
      }
    }

    private static Module block(int in, int out, int k, int groups, boolean relu) {
      Module conv = new Conv2d(in, out, k, 1, k / 2, 1, groups, false);
      return relu
          ? new Sequential(conv, new BatchNorm2d(out), new ReLU())
          : new Sequential(conv, new BatchNorm2d(out));
    }

    @Override
    public Tensor forward(Tensor... in) {
      Tensor x = run(stem, run(quant, in[0]));
      return run(dequant, sums(x));
    }

    private Tensor sums(Tensor x) {
      switch (sums) {
        case PRODUCT_LEFT:
          return functional(sum[0]).addRelu(run(two, run(one, x)), x);
        case PRODUCT_RIGHT:
          return functional(sum[0]).add(x, run(two, run(one, x)));
        case PRODUCT_RIGHT_RELU:
          return functional(sum[0]).addRelu(x, run(two, x));
        case TWO_PRODUCTS:
          return functional(sum[0]).addRelu(run(two, run(one, x)), run(depthwise, x));
        case PRODUCT_READ_AGAIN:
          Tensor p = run(two, x);
          return functional(sum[1]).add(functional(sum[0]).add(p, x), p);
        case PRODUCT_WITH_ITSELF:
          Tensor q = run(two, x);
          return functional(sum[0]).add(q, q);
        case CLAMPED_PRODUCT:
          return functional(sum[0]).add(run(one, x), x);
        case DEPTHWISE:
          return functional(sum[0]).add(run(depthwise, x), x);
        default:
          Tensor y = functional(sum[0]).addRelu(run(two, x), x);
          Tensor z = functional(sum[1]).add(y, run(depthwise, y));
          return functional(sum[2]).addRelu(run(one, z), z);
      }
    }
  }

  private static Module quantized(Module m, QConfigMapping mapping, int... dims) {
    Module p = Quantization.prepare(Fusion.fuse(m.eval()), mapping);
    for (int i = 0; i < 3; i++) {
      p.forward(Nets.random(i, dims));
    }
    return Quantization.convert(p, ConvertOptions.defaults().allowUncalibrated());
  }

  private static QConfigMapping signed() {
    return new QConfigMapping().setGlobal(QConfigs.DEFAULT_PER_CHANNEL_SYMMETRIC_QNNPACK);
  }

  /** Eager execution on the twin against Programs everywhere, for two batch sizes. */
  private static void check(Forward f, int all, int fused, int... dims) {
    Graph g = Tracer.trace(f, FloatTensor.zeros(dims));
    for (int n : new int[] {1, 3}) {
      int[] d = dims.clone();
      d[0] = n;
      FloatTensor x = Nets.random(20 + n, d);
      int[] expected = bits(Backends.with(JavaBackend.instance(), () -> f.forward(x)));
      for (Backend b : TestBackends.all()) {
        assertArrayEquals(expected, bits(Backends.with(b, () -> f.forward(x))), b + " eagerly");
        for (int threads : new int[] {1, 2}) {
          ProgramOptions o = ProgramOptions.defaults().withBackend(b).withThreads(threads);
          try (Program p = Program.compile(g, o)) {
            assertArrayEquals(expected, bits(p.run(x)), b + "\n" + p.describe());
            assertEquals(all - fused, count(p, " ADD_Q8 "), p::describe);
            assertEquals(fused, count(p, "+quantized_add "), p::describe);
          }
        }
      }
    }
  }

  private static int count(Program p, String what) {
    return (int) p.describe().lines().filter(line -> line.contains(what)).count();
  }

  @ParameterizedTest
  @EnumSource
  void unsignedCodes(Sums sums) {
    Init.seed(3);
    Module q = quantized(new Net(sums), QConfigMapping.forEngine(Engine.X86), IMAGE);
    check(q, sums.all, sums.fused, IMAGE);
  }

  @ParameterizedTest
  @EnumSource
  void signedCodes(Sums sums) {
    Init.seed(4);
    check(quantized(new Net(sums), signed(), IMAGE), sums.all, sums.fused, IMAGE);
  }

  /** {@code x + two(relu(one(x)))}, with what comes before {@code one}. */
  private static final class Around extends Module {
    private final Key quant = child("quant", new QuantStub());
    private final Key before;
    private final Key one;
    private final Key relu = child("relu", new ReLU());
    private final Key two;
    private final Key sum = child("sum", new FloatFunctional());
    private final Key dequant = child("dequant", new DeQuantStub());

    Around(Module before, Module one, Module two) {
      this.before = child("before", before);
      this.one = child("one", one);
      this.two = child("two", two);
    }

    @Override
    public Tensor forward(Tensor... in) {
      Tensor x = run(before, run(quant, in[0]));
      return run(dequant, functional(sum).add(x, run(two, run(relu, run(one, x)))));
    }
  }

  @Test
  void linearLayersAndOtherDimensions() {
    Init.seed(5);
    Module linear = new Around(new Linear(20, 33), new Linear(33, 70), new Linear(70, 33));
    check(quantized(linear, QConfigMapping.forEngine(Engine.X86), 1, 20), 1, 1, 1, 20);
    check(quantized(linear, signed(), 1, 100, 20), 1, 1, 1, 100, 20);
    Module line =
        new Around(new Conv1d(4, 8, 3, 1, 1), new Conv1d(8, 16, 3, 1, 1), new Conv1d(16, 8, 1));
    check(quantized(line, QConfigMapping.forEngine(Engine.X86), 1, 4, 90), 1, 1, 1, 4, 90);
    Module volume =
        new Around(new Conv3d(2, 8, 3, 1, 1), new Conv3d(8, 5, 1), new Conv3d(5, 8, 3, 1, 1));
    check(quantized(volume, signed(), 1, 2, 4, 5, 6), 1, 1, 1, 2, 4, 5, 6);
  }

  /** A product that the caller asked for is read by the caller. */
  @Test
  void aProductThatIsAnOutputStays() {
    QuantizedTensor w = Nets.weight(1, 8, 8, 3, 3);
    Forward product = in -> new QuantizedConvOp(Nets.K3, Nets.HIDDEN, Activation.NONE).apply(in);
    QuantizedAddOp add = new QuantizedAddOp(Nets.WIDE, false);
    Tensor[] results = new Tensor[1];
    Forward sum =
        in -> {
          Tensor x = new QuantizeOp(Nets.IMAGE).apply(in[0]);
          results[0] = product.forward(x, w, null);
          return add.apply(results[0], x);
        };
    Graph one = Tracer.trace(sum, FloatTensor.zeros(IMAGE));
    try (Program p = Program.compile(one)) {
      assertEquals(1, count(p, "+quantized_add "), p::describe);
    }
    Graph.Builder b = Graph.builder();
    var x = b.input("x", FloatTensor.zeros(IMAGE).spec());
    var q = b.apply(new QuantizeOp(Nets.IMAGE), "", x).get(0);
    var y =
        b.apply(
                new QuantizedConvOp(Nets.K3, Nets.HIDDEN, Activation.NONE),
                "",
                q,
                b.constant(w),
                null)
            .get(0);
    b.output(b.apply(add, "", y, q).get(0));
    b.output(y);
    FloatTensor image = Nets.random(9, IMAGE);
    Tensor expected = sum.forward(image);
    try (Program p = Program.compile(b.build())) {
      assertEquals(0, count(p, "+quantized_add "), p::describe);
      Tensor[] found = p.run(new Tensor[] {image});
      assertArrayEquals(codes(expected), codes(found[0]));
      assertArrayEquals(codes(results[0]), codes(found[1]));
    }
  }

  private static byte[] codes(Tensor t) {
    QuantizedTensor q = (QuantizedTensor) t;
    byte[] b = new byte[(int) q.numel()];
    int[] v = q.intRepr();
    for (int i = 0; i < b.length; i++) {
      b[i] = (byte) v[i];
    }
    return b;
  }

  /** Keeps the steps of the plans that are made. */
  private record Recording(Backend backend, List<PlanStep> steps) implements Backend {
    @Override
    public String name() {
      return backend.name();
    }

    @Override
    public String isa() {
      return backend.isa();
    }

    @Override
    public Operator create(OperatorSpec spec) {
      return backend.create(spec);
    }

    @Override
    public Plan plan(List<PlanStep> made, long arenaBytes, int externals) {
      steps.addAll(made);
      return backend.plan(made, arenaBytes, externals);
    }
  }

  /**
   * A residual that is read no more gives its memory to the sum; one that is also the product's
   * input, or is read later, does not.
   */
  @Test
  void sumsStandInThePlaceOfTheirResidual() {
    Init.seed(6);
    ConvGeometry point = ConvGeometry.POINT;
    QuantizedTensor w = Nets.weight(1, 8, 8, 1, 1);
    QuantizedConvOp conv = new QuantizedConvOp(point, Nets.HIDDEN, Activation.NONE);
    QuantizedAddOp add = new QuantizedAddOp(Nets.WIDE, false);
    Forward f =
        in -> {
          Tensor x = new QuantizeOp(Nets.IMAGE).apply(in[0]);
          Tensor a = add.apply(conv.apply(conv.apply(x, w, null), w, null), x); // in the place of x
          Tensor b = add.apply(a, conv.apply(a, w, null)); // not of a, which is convolved
          Tensor c = conv.apply(conv.apply(b, w, null), w, null);
          Tensor d = add.apply(c, b); // not of b, which is read again
          return add.apply(conv.apply(conv.apply(d, w, null), w, null), b); // of b
        };
    int[] dims = {1, 8, 130, 140}; // more than the operator works on at a time
    Graph g = Tracer.trace(f, FloatTensor.zeros(dims));
    for (Backend backend : TestBackends.all()) {
      Recording r = new Recording(backend, new ArrayList<>());
      ProgramOptions o = ProgramOptions.defaults().withBackend(r).withThreads(2);
      try (Program p = Program.compile(g, o)) {
        List<Boolean> inPlace = new ArrayList<>();
        for (PlanStep s : r.steps) {
          if (s.inputs().length == 2) {
            inPlace.add(s.output() == s.inputs()[1]);
            assertTrue(s.output() != s.inputs()[0], "over the product's input");
          }
        }
        assertEquals(List.of(true, false, false, true), inPlace, p::describe);
        FloatTensor x = Nets.random(31, dims);
        Tensor eager = Backends.with(JavaBackend.instance(), () -> f.forward(x));
        assertArrayEquals(codes(eager), codes(p.run(x)), p::describe);
      }
    }
  }
}
