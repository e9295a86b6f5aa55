package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.example.models.ResidualNet;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.nn.Init;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.ConvReLU2d;
import org.octet.nn.intrinsic.LinearReLU;
import org.octet.nn.quantized.QFunctional;
import org.octet.nn.quantized.QuantizedConv2d;
import org.octet.ops.Interpreter;
import org.octet.ops.Op;
import org.octet.quantization.QuantizationReport.Outcome;
import org.octet.quantization.observer.Observer;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * A model from outside our packages through the whole static workflow: fuse, prepare, calibrate,
 * convert, trace, Program.
 */
class UserModelTest {
  private Module model;

  @BeforeEach
  void build() {
    Init.seed(7);
    model = new ResidualNet();
    // Statistics as after training, so that folding them matters.
    Random random = new Random(3);
    model
        .stateDict()
        .forEach(
            (name, t) -> {
              if (name.contains("bn")) {
                float[] v = ((FloatTensor) t).toArray();
                for (int i = 0; i < v.length; i++) {
                  v[i] =
                      name.endsWith("var") || name.endsWith("weight")
                          ? 0.5f + random.nextFloat()
                          : random.nextFloat() - 0.5f;
                }
                ((FloatTensor) t).copyFrom(v);
              }
            });
    model.eval();
  }

  static Tensor[] batch(long seed, int n) {
    return new Tensor[] {
      gaussian(new Random(seed), n, 3, 8, 8), gaussian(new Random(seed + 1000), n, 2, 8, 8)
    };
  }

  private static FloatTensor gaussian(Random random, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) random.nextGaussian();
    }
    t.copyFrom(v);
    return t;
  }

  private static Map<String, float[]> state(Module m) {
    Map<String, float[]> out = new LinkedHashMap<>();
    m.stateDict().forEach((name, t) -> out.put(name, ((FloatTensor) t).toArray()));
    return out;
  }

  private Module prepared(QConfigMapping mapping) {
    Module p = Quantization.prepare(Fusion.fuse(model), mapping);
    for (int i = 0; i < 4; i++) {
      p.forward(batch(i, 4));
    }
    return p;
  }

  @Test
  void fusionSeesWhatBelongsTogetherAndWhatDoesNot() {
    Module f = Fusion.fuse(model);
    assertInstanceOf(ConvReLU2d.class, f.module("block.conv1"));
    assertEquals("Identity", f.module("block.bn1").toString());
    assertEquals("Identity", f.module("block.relu1").toString());
    assertEquals("Conv2d", f.module("block.conv2").getClass().getSimpleName());
    assertEquals("Identity", f.module("block.bn2").toString());
    assertInstanceOf(LinearReLU.class, f.module("fc1"));
    // One ReLU behind two convolutions, and one convolution in two places, must stay.
    assertEquals("Conv2d", f.module("left").getClass().getSimpleName());
    assertEquals("ReLU", f.module("relu").toString());
    assertSame(f.module("shared"), f.module("sharedAgain"));
    float[] before = ((FloatTensor) model.forward(batch(50, 2))).toArray();
    float[] after = ((FloatTensor) f.forward(batch(50, 2))).toArray();
    assertArrayEquals(before, after, 1e-5f);
  }

  @Test
  void everyLayerRunsQuantizedAndTheAnswerStaysClose() {
    Map<String, float[]> original = state(model);
    float[] floats = ((FloatTensor) model.forward(batch(99, 4))).toArray();
    Module p = prepared(QConfigMapping.forEngine(Engine.ONEDNN));
    Map<String, float[]> calibrated = state(p);
    Quantization.Result r = Quantization.convertWithReport(p);
    Module q = r.model();

    RanQuantized ran = new RanQuantized();
    Tensor y;
    try (Interpreter.Pushed pushed = Interpreter.push(ran)) {
      y = q.forward(batch(99, 4));
    }
    Set<String> expected = new LinkedHashSet<>();
    r.report().entries(Outcome.QUANTIZED).forEach(e -> expected.add(e.path()));
    expected.add("sharedAgain");
    assertEquals(
        Set.of(
            "quant1",
            "quant2",
            "left",
            "right",
            "block.conv1",
            "block.conv2",
            "block.skip",
            "join",
            "shared",
            "sharedAgain",
            "fc1",
            "fc2",
            "dequant"),
        expected);
    Set<String> notRun = new LinkedHashSet<>(expected);
    notRun.removeAll(ran.quantized);
    assertEquals(Set.of(), notRun, "mapped but not run quantized; ran: " + ran.quantized);
    assertEquals(Set.of(), ran.floatToFloat, "ran on floats alone");
    assertTrue(r.report().entries(Outcome.FLOAT).isEmpty(), r.report().toString());

    double error = 0;
    double power = 0;
    float[] codes = ((FloatTensor) y).toArray();
    for (int i = 0; i < codes.length; i++) {
      error += (codes[i] - floats[i]) * (codes[i] - floats[i]);
      power += floats[i] * floats[i];
    }
    assertTrue(
        10 * Math.log10(power / error) > 20,
        "signal to noise " + 10 * Math.log10(power / error) + " dB");
    assertFalse(error == 0, "quantization left no trace");

    assertUnchanged(original, state(model));
    assertUnchanged(calibrated, state(p));
  }

  private static void assertUnchanged(Map<String, float[]> before, Map<String, float[]> after) {
    assertEquals(before.keySet(), after.keySet());
    before.forEach((name, v) -> assertArrayEquals(v, after.get(name), name));
  }

  @Test
  void theSharedLayerIsObservedOnceConvertedOnceAndWarnedAbout() {
    Quantization.Result prepared =
        Quantization.prepareWithReport(Fusion.fuse(model), QConfigMapping.forEngine(Engine.X86));
    assertEquals(1, prepared.report().warnings().size(), prepared.report().toString());
    assertTrue(
        prepared.report().warnings().get(0).contains("sharedAgain is the same Conv2d as shared"));
    prepared.model().forward(batch(1, 2));
    Module q = Quantization.convert(prepared.model());
    assertInstanceOf(QuantizedConv2d.class, q.module("shared"));
    assertSame(q.module("shared"), q.module("sharedAgain"));
    assertNotSame(model.module("shared"), q.module("shared"));
  }

  @Test
  void oneModelEagerlyTracedAndCompiledGivesTheSameBits() {
    Module q = Quantization.convert(prepared(QConfigMapping.forEngine(Engine.QNNPACK)));
    Tensor[] x = batch(5, 3);
    float[] eager = ((FloatTensor) q.forward(x)).toArray();
    Graph graph = Tracer.trace(q, x);
    try (Program program = Program.compile(graph)) {
      assertArrayEquals(eager, ((FloatTensor) program.run(x)[0]).toArray());
    }
  }

  @Test
  void partOfTheModelStaysFloatByNameTypeOrRegex() {
    QConfigMapping mapping =
        QConfigMapping.forEngine(Engine.ONEDNN)
            .setModuleName("fc1", null)
            .setModuleName("fc2", null);
    Quantization.Result r = Quantization.prepareWithReport(Fusion.fuse(model), mapping);
    assertEquals("excluded by the QConfigMapping", r.report().entry("fc2").detail());
    assertFalse(
        r.model().module("fc2").namedChildren().containsKey(Module.ACTIVATION_POST_PROCESS));
    assertInstanceOf(Observer.class, r.model().module("block.conv2.activation_post_process"));
    r.model().forward(batch(0, 2));
    Quantization.Result q = Quantization.convertWithReport(r.model());
    assertEquals("Linear", q.model().module("fc2").getClass().getSimpleName());
    assertInstanceOf(QFunctional.class, q.model().module("block.skip"));
    assertEquals(2, q.report().entries(Outcome.FLOAT).size(), q.report().toString());
  }

  /** Executes, and notes which modules saw codes and which only floats. */
  private static final class RanQuantized implements Interpreter {
    final Set<String> quantized = new LinkedHashSet<>();
    final Set<String> floatToFloat = new LinkedHashSet<>();
    private final Deque<String> path = new ArrayDeque<>();

    @Override
    public Tensor[] apply(Op op, Tensor... inputs) {
      Tensor[] out = Interpreter.EAGER.apply(op, inputs);
      String p = String.join(".", (Iterable<String>) path::descendingIterator);
      boolean codes = inputs[0].dtype().isQuantized() || out[0].dtype().isQuantized();
      (codes ? quantized : floatToFloat).add(p);
      return out;
    }

    @Override
    public void enterModule(String name) {
      path.push(name);
    }

    @Override
    public void exitModule() {
      path.pop();
    }
  }
}
