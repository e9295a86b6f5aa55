package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.octet.autograd.Tape;
import org.octet.graph.Tracer;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.BatchNorm1d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.CrossEntropyLoss;
import org.octet.nn.Flatten;
import org.octet.nn.Identity;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.Sigmoid;
import org.octet.nn.Tanh;
import org.octet.nn.intrinsic.ConvBn2d;
import org.octet.nn.intrinsic.ConvBnReLU2d;
import org.octet.nn.intrinsic.LinearBn1d;
import org.octet.nn.intrinsic.qat.FoldsBatchNorm;
import org.octet.nn.intrinsic.qat.QatConvBnReLU2d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU2d;
import org.octet.nn.qat.QatLinear;
import org.octet.nn.qat.QatModule;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.nn.quantized.QuantizedConv2d;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.optim.SGD;
import org.octet.quantization.QuantizationReport.Outcome;
import org.octet.quantization.observer.CalibrationException;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** Quantization-aware training from fuseQat to the converted model. */
class QatTest {
  /** quant; conv-bn-relu; depthwise conv-bn; 1x1 conv-relu; pool; fc-bn; fc; dequant. */
  private static Sequential net() {
    Map<String, Module> m = new LinkedHashMap<>();
    m.put("quant", new QuantStub());
    m.put("conv1", new Conv2d(2, 6, 3, 1, 1));
    m.put("bn1", new BatchNorm2d(6));
    m.put("relu1", new ReLU());
    m.put("dw", new Conv2d(6, 6, 3, 2, 1, 1, 6, false));
    m.put("bn2", new BatchNorm2d(6));
    m.put("pw", new Conv2d(6, 8, 1));
    m.put("relu2", new ReLU());
    m.put("pool", new AdaptiveAvgPool2d(1));
    m.put("flat", new Flatten());
    m.put("fc1", new Linear(8, 5));
    m.put("bn3", new BatchNorm1d(5));
    m.put("fc2", new Linear(5, 3));
    m.put("dequant", new DeQuantStub());
    return new Sequential(m);
  }

  private static FloatTensor random(Random r, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextGaussian();
    }
    t.copyFrom(v);
    return t;
  }

  private static void train(Module m, int steps) {
    Random r = new Random(1);
    SGD sgd = new SGD(m.parameters(), 0.05, 0.9);
    for (int i = 0; i < steps; i++) {
      FloatTensor x = random(r, 8, 2, 8, 8);
      LongTensor labels = LongTensor.of(r.longs(8, 0, 3).toArray(), 8);
      sgd.zeroGrad();
      try (Tape tape = Tape.record()) {
        tape.backward(new CrossEntropyLoss().forward(m.forward(x), labels));
      }
      sgd.step();
    }
  }

  private static Module prepared(QConfigMapping mapping) {
    return Quantization.prepareQat(Fusion.fuseQat(net()), mapping);
  }

  private static float[] floats(Tensor t) {
    return ((FloatTensor) t).toArray();
  }

  @Test
  void fuseQatKeepsBatchNormalisation() {
    Sequential model = net();
    Module fused = Fusion.fuseQat(model);
    assertInstanceOf(ConvBnReLU2d.class, fused.module("conv1"));
    assertInstanceOf(ConvBn2d.class, fused.module("dw"));
    assertInstanceOf(LinearBn1d.class, fused.module("fc1"));
    assertInstanceOf(Identity.class, fused.module("bn1"));
    assertTrue(fused.module("conv1").isTraining());
    FloatTensor x = random(new Random(3), 4, 2, 8, 8);
    assertArrayEquals(
        floats(model.copy().forward(x)),
        floats(fused.copy().forward(x)),
        "fusing changes no result");
    assertInstanceOf(BatchNorm2d.class, model.module("bn1"), "the model itself is as it was");
  }

  @Test
  void fuseQatRefusesEvaluationAndBatchNormalisationWithoutScale() {
    List<List<String>> group = List.of(List.of("conv1", "bn1"));
    FusionException e =
        assertThrows(FusionException.class, () -> Fusion.fuseQat(net().eval(), group));
    assertTrue(e.getMessage().contains("train()"), e.getMessage());
    Module plain =
        new Sequential(Map.of("conv1", new Conv2d(1, 2, 1)))
            .add("bn1", new BatchNorm2d(2, 1e-5, 0.1, false));
    e = assertThrows(FusionException.class, () -> Fusion.fuseQat(plain, group));
    assertTrue(e.getMessage().contains("affine"), e.getMessage());
    Module three =
        new Sequential(Map.of("conv1", new Conv2d(1, 2, 1))).add("bn1", new BatchNorm2d(3));
    assertThrows(FusionException.class, () -> Fusion.fuseQat(three, group));
  }

  @Test
  void prepareQatRefusesWithReasons() {
    QConfigMapping mapping = QConfigMapping.qat(Engine.X86);
    OctetException e =
        assertThrows(OctetException.class, () -> Quantization.prepareQat(net().eval(), mapping));
    assertTrue(e.getMessage().contains("train()"), e.getMessage());
    Module once = prepared(mapping);
    e = assertThrows(OctetException.class, () -> Quantization.prepareQat(once, mapping));
    assertTrue(e.getMessage().contains("already"), e.getMessage());
    QConfigMapping ptq = QConfigMapping.forEngine(Engine.X86);
    e = assertThrows(OctetException.class, () -> Quantization.prepareQat(net(), ptq));
    assertTrue(e.getMessage().contains("QConfigMapping.qat"), e.getMessage());
    QConfigMapping dynamic = new QConfigMapping().setGlobal(QConfigs.DEFAULT_DYNAMIC);
    e = assertThrows(OctetException.class, () -> Quantization.prepareQat(net(), dynamic));
    assertTrue(e.getMessage().contains("dynamic"), e.getMessage());
    CalibrationException c =
        assertThrows(CalibrationException.class, () -> Quantization.convert(once));
    assertTrue(c.getMessage().contains("conv1.weight_fake_quant"), c.getMessage());
    assertFalse(
        c.getMessage().contains("activation_post_process.activation_post_process"), c.getMessage());
  }

  @Test
  void prepareQatReplacesLayersOfACopy() {
    Module fused = Fusion.fuseQat(net());
    QConfigMapping mapping = QConfigMapping.qat(Engine.QNNPACK).setModuleName("fc2", null);
    Quantization.Result r = Quantization.prepareQatWithReport(fused, mapping);
    Module t = r.model();
    assertTrue(t.isTraining());
    assertInstanceOf(QatConvBnReLU2d.class, t.module("conv1"));
    assertEquals(Linear.class, t.module("fc2").getClass(), "excluded");
    assertEquals(Outcome.FLOAT, r.report().entry("fc2").outcome());
    assertEquals(Outcome.OBSERVED, r.report().entry("conv1").outcome());
    assertEquals(Outcome.PASS_THROUGH, r.report().entry("pool").outcome());
    assertInstanceOf(FakeQuantize.class, t.module("quant.activation_post_process"));
    assertInstanceOf(ConvBnReLU2d.class, fused.module("conv1"), "the model itself is as it was");
    float[] before = floats(fused.stateDict().get("conv1.0.weight"));
    train(t, 1);
    assertArrayEquals(
        before, floats(fused.stateDict().get("conv1.0.weight")), "the copy has its own parameters");
  }

  @Test
  void functionsOfFixedRangeGetFixedParameters() {
    Module t =
        Quantization.prepareQat(
            new Sequential(new QuantStub(), new Sigmoid(), new Tanh()),
            QConfigMapping.qat(Engine.X86));
    FakeQuantize sigmoid =
        assertInstanceOf(FixedQParamsFakeQuantize.class, t.module("1.activation_post_process"));
    FakeQuantize tanh =
        assertInstanceOf(FixedQParamsFakeQuantize.class, t.module("2.activation_post_process"));
    t.forward(random(new Random(1), 20));
    assertEquals(1 / 256f, sigmoid.scale().item());
    assertEquals(2 / 256f, tanh.scale().item());
    assertEquals(128, tanh.zeroPoint().get(0));
    Module q = Quantization.convert(t);
    assertNull(q.module("1").namedChildren().get(Module.ACTIVATION_POST_PROCESS));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void whatWasTrainedIsDeployed(Engine engine) {
    Module t = prepared(QConfigMapping.qat(engine));
    train(t, 4);
    t.apply(FakeQuantize::disableObserver);
    t.apply(FoldsBatchNorm::freezeBnStats);
    train(t, 2);
    t.eval();
    Module q = Quantization.convert(t);
    int layers = 0;
    for (Map.Entry<String, Module> e : t.namedModules().entrySet()) {
      if (e.getValue() instanceof QatModule layer) {
        FakeQuantize activation =
            (FakeQuantize) t.module(e.getKey() + "." + Module.ACTIVATION_POST_PROCESS);
        QParams output = output(q.module(e.getKey()));
        assertEquals(activation.scale().item(), output.scale(), e.getKey());
        assertEquals(activation.zeroPoint().get(0), output.zeroPoint(), e.getKey());
        QuantizedTensor w = (QuantizedTensor) q.module(e.getKey()).stateDict().get("weight");
        assertArrayEquals(
            ((FakeQuantize) layer.weightFakeQuant()).scale().toArray(),
            w.qparams().scales(),
            e.getKey());
        assertArrayEquals(roundedWeight(layer), w.dequantize().toArray(), e.getKey());
        withinOneCode(e.getKey(), e.getValue(), q.module(e.getKey()), activation);
        layers++;
      }
    }
    assertEquals(5, layers);
  }

  private static QParams output(Module m) {
    return m instanceof QuantizedConv2d c ? c.output() : ((QuantizedLinear) m).output();
  }

  /** What the layer multiplies with. */
  private static float[] roundedWeight(QatModule layer) {
    FloatTensor w = layer.weight();
    if (layer instanceof FoldsBatchNorm f) {
      w = FusionPatterns.fold(w, null, f.bn())[0];
    }
    return floats(((FakeQuantize) layer.weightFakeQuant()).round(w));
  }

  /** Fed the same codes, the layer and its fake-quantized twin agree within one code. */
  private static void withinOneCode(
      String path, Module twin, Module layer, FakeQuantize activation) {
    Random r = new Random(path.hashCode());
    QParams in = QParams.perTensor(0.03, 7, output(layer).dtype());
    int[] dims =
        layer instanceof QuantizedConv2d c
            ? new int[] {3, c.weight().size(1) * c.geometry().groups(), 9, 9}
            : new int[] {50, ((QuantizedLinear) layer).weight().size(1)};
    FloatTensor x = random(r, dims);
    QuantizedTensor codes = QuantizedTensor.quantize(x, in);
    QuantizedTensor actual = (QuantizedTensor) layer.call(codes);
    int[] found = actual.intRepr();
    float[] expected = floats(twin.call(codes.dequantize()));
    int off = 0;
    for (int i = 0; i < found.length; i++) {
      // The twin's result is a multiple of the scale.
      long code =
          Math.round(expected[i] / (double) activation.scale().item())
              + activation.zeroPoint().get(0);
      assertTrue(Math.abs(code - found[i]) <= 1, path + ": " + code + " and " + found[i]);
      off += code == found[i] ? 0 : 1;
    }
    assertTrue(
        off <= found.length / 20, path + ": " + off + " of " + found.length + " codes differ");
  }

  @Test
  void torchsRuleTrainsWithOtherParameters() {
    Module same = prepared(QConfigMapping.qat(Engine.QNNPACK));
    Init.seed(0);
    Module torch = prepared(QConfigMapping.qat(Engine.QNNPACK, QParamsRule.TORCH));
    FloatTensor x = random(new Random(5), 4, 2, 8, 8);
    for (Module t : List.of(same, torch)) {
      t.forward(x);
    }
    FakeQuantize a = (FakeQuantize) same.module("fc2.weight_fake_quant");
    FakeQuantize b = (FakeQuantize) torch.module("fc2.weight_fake_quant");
    assertEquals(a.calculateQParams().scale(), a.scale().item(), "one rule for both");
    assertNotEquals(
        b.calculateQParams().scale(), b.scale().item(), "PyTorch converts with another scale");
  }

  @Test
  void weightsOfFewBits() {
    for (int bits : new int[] {2, 3, 4, 8}) {
      QConfigMapping mapping =
          new QConfigMapping().setGlobal(Engine.X86.defaultQatQConfig().weightBits(bits));
      Module q = Quantization.quantizeQat(Fusion.fuseQat(net()), mapping, t -> train(t, 2));
      int[] codes = ((QuantizedConvReLU2d) q.module("conv1")).weight().intRepr();
      int min = 0;
      int max = 0;
      for (int c : codes) {
        min = Math.min(min, c);
        max = Math.max(max, c);
      }
      int half = 1 << (bits - 1);
      assertTrue(min >= -half && max <= half - 1, bits + " bits: " + min + " to " + max);
      assertTrue(
          max == half - 1 || min <= -half + 1, bits + " bits are used: " + min + " to " + max);
    }
    QConfig ptq = Engine.X86.defaultQConfig().weightBits(4);
    assertEquals(7, ptq.weight().get().quantMax(), "static quantization too");
    assertThrows(OctetException.class, () -> QConfigs.DEFAULT_QAT.weightBits(1));
    assertThrows(OctetException.class, () -> QConfigs.DEFAULT_QAT.weightBits(9));
    QConfig own =
        new QConfig(
            FakeQuants.DEFAULT_FAKE_QUANT, () -> FakeQuants.DEFAULT_WEIGHT_FAKE_QUANT.get());
    assertThrows(OctetException.class, () -> own.weightBits(4));
  }

  @Test
  void aCheckpointContinuesWithTheSameBits() {
    Module t = prepared(QConfigMapping.qat(Engine.X86));
    train(t, 3);
    t.apply(FakeQuantize::disableObserver);
    Map<String, Tensor> state = t.copy().stateDict();
    assertEquals(
        0, ((LongTensor) state.get("conv1.activation_post_process.observer_enabled")).get(0));
    assertEquals(6, state.get("conv1.weight_fake_quant.scale").numel());
    Init.seed(77);
    Module other = prepared(QConfigMapping.qat(Engine.X86));
    other.loadStateDict(state);
    FloatTensor x = random(new Random(9), 4, 2, 8, 8);
    assertArrayEquals(floats(t.copy().eval().forward(x)), floats(other.copy().eval().forward(x)));
    assertArrayEquals(
        floats(Quantization.convert(t).forward(x)), floats(Quantization.convert(other).forward(x)));
  }

  @Test
  void theTwinRunsAsAProgram() {
    Module t = prepared(QConfigMapping.qat(Engine.X86));
    train(t, 3);
    t.apply(FakeQuantize::disableObserver);
    t.eval();
    FloatTensor x = random(new Random(9), 4, 2, 8, 8);
    try (Program p = Program.compile(Tracer.trace(t, x))) {
      assertArrayEquals(floats(t.forward(x)), floats(p.run(x)));
    }
  }

  /** x + conv(x). */
  private static final class Residual extends Module {
    private final Key quant = child("quant", new QuantStub());
    private final Key conv = child("conv", new Conv2d(2, 2, 3, 1, 1));
    private final Key skip = child("skip", new FloatFunctional());
    private final Key dequant = child("dequant", new DeQuantStub());

    @Override
    public Tensor forward(Tensor... in) {
      Tensor x = run(quant, in[0]);
      return run(dequant, functional(skip).add(run(conv, x), x));
    }
  }

  @Test
  void arithmeticIsRoundedWhereItsFunctionalStands() {
    Module t = Quantization.prepareQat(new Residual(), QConfigMapping.qat(Engine.ONEDNN));
    FloatTensor x = random(new Random(4), 3, 2, 6, 6);
    t.forward(x);
    t.apply(FakeQuantize::disableObserver);
    t.eval();
    float[] expected = floats(t.forward(x));
    FakeQuantize skip =
        assertInstanceOf(FakeQuantize.class, t.module("skip.activation_post_process"));
    float scale = skip.scale().item();
    for (float v : expected) {
      assertEquals(Math.rint(v / scale), v / scale, 1e-3, "a multiple of the scale");
    }
    assertArrayEquals(expected, floats(Quantization.convert(t).forward(x)), 2.001f * scale);
  }

  @Test
  void everyPresetTrains() {
    for (Map.Entry<String, QConfig> e : QConfigs.named().entrySet()) {
      if (e.getKey().contains("qat") && !e.getKey().matches(".*(embedding|dynamic).*")) {
        Module q =
            Quantization.quantizeQat(
                Fusion.fuseQat(net()),
                new QConfigMapping().setGlobal(e.getValue()),
                t -> train(t, 1));
        assertInstanceOf(QuantizedConvReLU2d.class, q.module("conv1"), e.getKey());
        q.forward(random(new Random(2), 2, 2, 8, 8));
      }
    }
    FakeQuants.named()
        .forEach((name, maker) -> assertInstanceOf(FakeQuantizeBase.class, maker.get(), name));
    assertThrows(
        EngineException.class, () -> Engine.X86.defaultQatQConfig(7, QParamsRule.OBSERVER));
    assertInstanceOf(
        FakeQuantize.class, Engine.X86.defaultQatQConfig(0, QParamsRule.OBSERVER).weight().get());
    assertEquals(255, Engine.X86.defaultQatQConfig().activation().get().quantMax());
    assertEquals(
        127, Engine.X86.defaultQatQConfig(1, QParamsRule.TORCH).activation().get().quantMax());
  }

  @Test
  void learnedParametersMoveAndAreDeployed() {
    QConfig lsq =
        new QConfig(
            LearnableFakeQuantize.withArgs(
                FakeQuants.DEFAULT_FUSED_ACT_FAKE_QUANT.observer(), true),
            LearnableFakeQuantize.withArgs(
                FakeQuants.DEFAULT_FUSED_PER_CHANNEL_WT_FAKE_QUANT.observer(), true));
    Module t = prepared(new QConfigMapping().setGlobal(lsq));
    t.forward(random(new Random(3), 8, 2, 8, 8));
    t.apply(
        m -> {
          if (m instanceof LearnableFakeQuantize f) {
            f.enableParamLearning();
          }
        });
    LearnableFakeQuantize weight =
        (LearnableFakeQuantize) ((QatLinear) t.module("fc2")).weightFakeQuant();
    float[] before = weight.scale().toArray();
    train(t, 2);
    float[] after = weight.scale().toArray();
    assertEquals(3, after.length);
    assertNotEquals(before[0], after[0]);
    assertArrayEquals(new int[3], weight.calculateQParams().zeroPoints(), "symmetric");
    t.eval();
    FloatTensor x = random(new Random(9), 4, 2, 8, 8);
    try (Program p = Program.compile(Tracer.trace(t, x))) {
      assertArrayEquals(floats(t.forward(x)), floats(p.run(x)));
    }
    QuantizedLinear q = (QuantizedLinear) Quantization.convert(t).module("fc2");
    assertArrayEquals(after, q.weight().qparams().scales());
  }
}
