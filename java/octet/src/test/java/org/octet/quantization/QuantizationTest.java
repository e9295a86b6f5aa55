package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.octet.graph.Tracer;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Flatten;
import org.octet.nn.Hardswish;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU2d;
import org.octet.nn.intrinsic.quantized.QuantizedLinearReLU;
import org.octet.nn.quantized.DeQuantize;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.nn.quantized.Quantize;
import org.octet.nn.quantized.QuantizedHardswish;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinear;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinearReLU;
import org.octet.quantization.QuantizationReport.Outcome;
import org.octet.quantization.observer.CalibrationException;
import org.octet.quantization.observer.FixedQParamsObserver;
import org.octet.quantization.observer.HistogramObserver;
import org.octet.quantization.observer.MinMaxObserver;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.Observers;
import org.octet.runtime.Program;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

/** Structure and errors of prepare, convert and quantizeDynamic. */
class QuantizationTest {
  private static Module net() {
    Init.seed(11);
    Map<String, Module> parts = new LinkedHashMap<>();
    parts.put("quant", new QuantStub());
    parts.put("conv", new Conv2d(1, 4, 3));
    parts.put("relu", new ReLU());
    parts.put("act", new Hardswish());
    parts.put("flatten", new Flatten());
    parts.put("fc1", new Linear(64, 8));
    parts.put("relu1", new ReLU());
    parts.put("fc2", new Linear(8, 3));
    parts.put("dequant", new DeQuantStub());
    return new Sequential(parts).eval();
  }

  private static FloatTensor batch(int n) {
    Random random = new Random(n);
    float[] v = new float[n * 36];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) random.nextGaussian();
    }
    return FloatTensor.of(v, n, 1, 6, 6);
  }

  private static QConfigMapping onednn() {
    return QConfigMapping.forEngine(Engine.ONEDNN);
  }

  private static Module prepared() {
    Module p = Quantization.prepare(Fusion.fuse(net()), onednn());
    p.forward(batch(4));
    return p;
  }

  @Test
  void observersSitWhereTheyShould() {
    Quantization.Result r = Quantization.prepareWithReport(Fusion.fuse(net()), onednn());
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    r.report().entries().forEach(e -> outcomes.put(e.path(), e.outcome()));
    Map<String, Outcome> expected = new LinkedHashMap<>();
    expected.put("quant", Outcome.OBSERVED);
    expected.put("conv", Outcome.OBSERVED);
    expected.put("relu", Outcome.PASS_THROUGH);
    expected.put("act", Outcome.OBSERVED);
    expected.put("flatten", Outcome.PASS_THROUGH);
    expected.put("fc1", Outcome.OBSERVED);
    expected.put("relu1", Outcome.PASS_THROUGH);
    expected.put("fc2", Outcome.OBSERVED);
    expected.put("dequant", Outcome.PASS_THROUGH);
    assertEquals(expected, outcomes);
    r.model()
        .namedModules()
        .forEach(
            (path, m) -> {
              boolean has = m.namedChildren().containsKey(Module.ACTIVATION_POST_PROCESS);
              assertEquals(expected.get(path) == Outcome.OBSERVED, has, path);
            });
    assertTrue(r.model().stateDict().containsKey("fc1.activation_post_process.histogram"));
  }

  @Test
  void preparedModelsComputeAsBefore() {
    Module fused = Fusion.fuse(net());
    Module p = Quantization.prepare(fused, onednn());
    assertArrayEquals(
        ((FloatTensor) fused.forward(batch(2))).toArray(),
        ((FloatTensor) p.forward(batch(2))).toArray());
  }

  @Test
  void convertSwapsModulesAndDropsObservers() {
    Module q = Quantization.convert(prepared());
    assertInstanceOf(Quantize.class, q.module("quant"));
    assertInstanceOf(QuantizedConvReLU2d.class, q.module("conv"));
    assertInstanceOf(QuantizedHardswish.class, q.module("act"));
    assertInstanceOf(QuantizedLinearReLU.class, q.module("fc1"));
    assertEquals(QuantizedLinear.class, q.module("fc2").getClass());
    assertInstanceOf(DeQuantize.class, q.module("dequant"));
    assertTrue(q.namedModules().values().stream().noneMatch(Observer.class::isInstance));
    q.namedModules().forEach((path, m) -> assertFalse(m.isTraining(), path));
    assertTrue(((QuantizedLinear) q.module("fc2")).weight().qparams().isPerChannel());
  }

  @Test
  void weightsHaveTheObserversParametersAndRange() {
    QConfig narrow =
        new QConfig(MinMaxObserver.withArgs(), Observers.DEFAULT_WEIGHT_OBSERVER.quantRange(-7, 7));
    Module p = Quantization.prepare(net(), new QConfigMapping().setGlobal(narrow));
    p.forward(batch(1));
    QuantizedTensor w = ((QuantizedLinear) Quantization.convert(p).module("fc2")).weight();
    float max = 0;
    for (float v : ((Linear) net().module("fc2")).weight().toArray()) {
      max = Math.max(max, Math.abs(v));
    }
    int largest = 0;
    for (int code : w.intRepr()) {
      largest = Math.max(largest, Math.abs(code));
    }
    assertEquals(7, largest);
    assertEquals(QParams.perTensor(max / 7f, 0, DType.QINT8), w.qparams());
  }

  @Test
  void calibrationMayRunInScopes() {
    Module p = Quantization.prepare(Fusion.fuse(net()), onednn());
    Module same = prepared();
    try (TensorScope scope = TensorScope.open()) {
      p.forward(batch(4));
    }
    assertEquals(
        ((Observer) same.module("conv.activation_post_process")).calculateQParams(),
        ((Observer) p.module("conv.activation_post_process")).calculateQParams());
    Module q;
    try (TensorScope scope = TensorScope.open()) {
      q = Quantization.convert(p);
    }
    q.forward(batch(1));
  }

  @Test
  void calibrationIsSavedInTheStateDict() {
    Module p = prepared();
    Module other = Quantization.prepare(Fusion.fuse(net()), onednn());
    other.loadStateDict(p.stateDict());
    assertArrayEquals(
        ((FloatTensor) Quantization.convert(p).forward(batch(3))).toArray(),
        ((FloatTensor) Quantization.convert(other).forward(batch(3))).toArray());
  }

  @Test
  void quantizeIsAllInOne() {
    Module q = Quantization.quantize(Fusion.fuse(net()), onednn(), p -> p.forward(batch(4)));
    assertInstanceOf(QuantizedConvReLU2d.class, q.module("conv"));
  }

  @Test
  void wrapperAddsTheStubs() {
    Module p = Quantization.prepare(new QuantWrapper(new Linear(4, 2)).eval(), onednn());
    p.forward(FloatTensor.full(0.5f, 3, 4));
    Module q = Quantization.convert(p);
    assertInstanceOf(Quantize.class, q.module("quant"));
    assertInstanceOf(QuantizedLinear.class, q.module("module"));
    assertInstanceOf(FloatTensor.class, q.forward(FloatTensor.full(0.5f, 3, 4)));
  }

  @Test
  void dynamicReplacesLinearOnlyAndSaysWhy() {
    Quantization.Result r = Quantization.quantizeDynamicWithReport(Fusion.fuse(net()));
    assertInstanceOf(DynamicQuantizedLinearReLU.class, r.model().module("fc1"));
    assertEquals(DynamicQuantizedLinear.class, r.model().module("fc2").getClass());
    assertEquals(Outcome.FLOAT, r.report().entry("conv").outcome());
    assertTrue(
        r.report().entry("conv").detail().contains("no dynamic form"), r.report().toString());
    float[] floats = ((FloatTensor) net().forward(batch(2))).toArray();
    float[] y = ((FloatTensor) r.model().forward(batch(2))).toArray();
    assertArrayEquals(floats, y, 0.02f);
    assertFalse(Arrays.equals(floats, y), "quantization left no trace");
  }

  @Test
  void dynamicTakesAMapping() {
    QConfigMapping q = Quantization.defaultDynamicMapping().setModuleName("fc1", null);
    Quantization.Result r = Quantization.quantizeDynamicWithReport(net(), q);
    assertEquals("Linear", r.model().module("fc1").getClass().getSimpleName());
    assertEquals("excluded by the QConfigMapping", r.report().entry("fc1").detail());
    assertThrows(OctetException.class, () -> Quantization.quantizeDynamic(net(), onednn()));
  }

  @Test
  void dynamicQConfigsWorkThroughPrepareToo() {
    QConfigMapping q = new QConfigMapping().setGlobal(QConfigs.PER_CHANNEL_DYNAMIC);
    Quantization.Result p = Quantization.prepareWithReport(net(), q);
    assertTrue(p.report().entry("conv").detail().contains("no dynamic form"));
    Module m = Quantization.convert(p.model());
    DynamicQuantizedLinear fc2 = assertInstanceOf(DynamicQuantizedLinear.class, m.module("fc2"));
    assertTrue(fc2.weight().qparams().isPerChannel());
    assertEquals("Conv2d", m.module("conv").getClass().getSimpleName());
  }

  /** Adds a constant: a layer of a user's own, with a quantized form. */
  private static final class Shift extends Module {
    @Override
    public Tensor forward(Tensor... in) {
      return in[0];
    }
  }

  private static final class QuantizedShift extends Module {
    private final QParams output;

    QuantizedShift(QParams output) {
      this.output = output;
    }

    @Override
    public Tensor forward(Tensor... in) {
      return in[0];
    }
  }

  /** An observer of a user's own. */
  private static final class Constant extends Observer {
    Constant() {
      super(DType.QUINT8, QScheme.PER_TENSOR_AFFINE);
    }

    @Override
    public void observe(FloatTensor x) {}

    @Override
    public QParams calculateQParams() {
      return QParams.perTensor(0.25, 3, DType.QUINT8);
    }

    @Override
    public boolean isCalibrated() {
      return true;
    }
  }

  @Test
  void ownModulesObserversAndMappingsPlugIn() {
    Module m = new Sequential(new QuantStub(), new Shift(), new DeQuantStub()).eval();
    Quantization.Result without = Quantization.prepareWithReport(m, onednn());
    assertTrue(
        without.report().entry("1").detail().contains("no quantized form"),
        without.report().toString());

    ModuleMappings mine =
        ModuleMappings.defaults().withStatic(Shift.class, (s, c) -> new QuantizedShift(c.output()));
    QConfigMapping q =
        new QConfigMapping()
            .setGlobal(new QConfig(Constant::new, Observers.DEFAULT_WEIGHT_OBSERVER));
    Module p = Quantization.prepare(m, q, mine);
    assertInstanceOf(Constant.class, p.module("1.activation_post_process"));
    Module converted = Quantization.convert(p, ConvertOptions.defaults().mapping(mine));
    QuantizedShift shift = assertInstanceOf(QuantizedShift.class, converted.module("1"));
    assertEquals(QParams.perTensor(0.25, 3, DType.QUINT8), shift.output);
  }

  // ---- errors ----

  @Test
  void convertWithoutCalibrationNamesEveryBlindObserver() {
    Module p = Quantization.prepare(net(), onednn());
    CalibrationException e =
        assertThrows(CalibrationException.class, () -> Quantization.convert(p));
    for (String name : new String[] {"quant", "conv", "act", "fc1", "fc2"}) {
      assertTrue(e.getMessage().contains(name + ".activation_post_process"), e.getMessage());
    }
    Quantization.Result r =
        Quantization.convertWithReport(p, ConvertOptions.defaults().allowUncalibrated());
    assertEquals(1f, ((QuantizedLinear) r.model().module("fc2")).scale());
    assertTrue(
        r.report().entry("fc2").detail().contains("never called during calibration"),
        r.report().toString());
  }

  @Test
  void convertWithoutPrepare() {
    OctetException e = assertThrows(OctetException.class, () -> Quantization.convert(net()));
    assertTrue(e.getMessage().contains("prepare first"), e.getMessage());
  }

  @Test
  void prepareTwice() {
    OctetException e =
        assertThrows(OctetException.class, () -> Quantization.prepare(prepared(), onednn()));
    assertTrue(e.getMessage().contains("already has an observer"), e.getMessage());
  }

  @Test
  void nanInCalibrationNamesTheModule() {
    Module p = Quantization.prepare(net(), onednn());
    FloatTensor x = batch(1);
    x.set(Float.NaN, 0, 0, 1, 1);
    CalibrationException e = assertThrows(CalibrationException.class, () -> p.forward(x));
    assertTrue(e.getMessage().startsWith("quant: "), e.getMessage());
    assertEquals("quant", e.modulePath());
  }

  @Test
  void oneObserverForTwoLayersIsRefused() {
    Observer one = new FixedQParamsObserver(1, 0, DType.QUINT8);
    QConfigMapping q =
        new QConfigMapping().setGlobal(new QConfig(() -> one, Observers.DEFAULT_WEIGHT_OBSERVER));
    OctetException e = assertThrows(OctetException.class, () -> Quantization.prepare(net(), q));
    assertTrue(e.getMessage().contains("the same observer twice"), e.getMessage());
  }

  @Test
  void weightObserverOfTheWrongDtypeNamesTheModule() {
    QConfigMapping q =
        new QConfigMapping()
            .setGlobal(new QConfig(MinMaxObserver.withArgs(), MinMaxObserver.withArgs()));
    Module p = Quantization.prepare(net(), q);
    p.forward(batch(1));
    DTypeException e = assertThrows(DTypeException.class, () -> Quantization.convert(p));
    assertTrue(
        e.getMessage().startsWith("conv: ") && e.getMessage().contains("qint8"), e.getMessage());
  }

  @Test
  void debugQConfigCannotBeConverted() {
    Module p = Quantization.prepare(net(), new QConfigMapping().setGlobal(QConfigs.DEFAULT_DEBUG));
    p.forward(batch(1));
    CalibrationException e =
        assertThrows(CalibrationException.class, () -> Quantization.convert(p));
    assertTrue(e.getMessage().startsWith("quant: "), e.getMessage());
  }

  @Test
  void missingStubsAreNamed() {
    Module bare = new Sequential(new Conv2d(1, 4, 3), new ReLU()).eval();
    Module p = Quantization.prepare(bare, onednn());
    p.forward(batch(1));
    DTypeException e =
        assertThrows(DTypeException.class, () -> Quantization.convert(p).forward(batch(1)));
    assertTrue(
        e.getMessage().startsWith("0: ") && e.getMessage().contains("Add a QuantStub before 0"),
        e.getMessage());

    Module open = new Sequential(new QuantStub(), new Conv2d(1, 4, 3), new BatchNorm2d(4)).eval();
    Module po = Quantization.prepare(open, onednn().setObjectType(BatchNorm2d.class, null));
    po.forward(batch(1));
    DTypeException f =
        assertThrows(DTypeException.class, () -> Quantization.convert(po).forward(batch(1)));
    assertTrue(
        f.getMessage().startsWith("2: ") && f.getMessage().contains("DeQuantStub"), f.getMessage());
  }

  @Test
  void aPreparedModelIsNoProgram() {
    Module p = prepared();
    OctetException e =
        assertThrows(
            OctetException.class, () -> Program.compile(Tracer.trace(p, batch(1))).close());
    assertTrue(
        e.getMessage().contains("Quantization.convert") && e.getMessage().contains("quant"),
        e.getMessage());
  }

  @Test
  void misspeltNamesAreWarnedAbout() {
    QConfigMapping q =
        onednn()
            .setModuleName("fc3", null)
            .setModuleName("fc2", null)
            .setModuleNameRegex("head.*", null);
    Quantization.Result r = Quantization.prepareWithReport(net(), q);
    assertEquals(2, r.report().warnings().size(), r.report().toString());
    assertTrue(r.report().warnings().get(0).contains("\"fc3\""), r.report().toString());
    assertTrue(r.report().warnings().get(1).contains("\"head.*\""), r.report().toString());
  }

  /** Scales its input through a FloatFunctional, whose scalar operations are not observed. */
  private static final class Scaled extends Module {
    private final Key quant = child("quant", new QuantStub());
    private final Key half = child("half", new FloatFunctional());
    private final Key dequant = child("dequant", new DeQuantStub());

    @Override
    public Tensor forward(Tensor... in) {
      return run(dequant, functional(half).mulScalar(run(quant, in[0]), 0.5));
    }
  }

  @Test
  void scalarOperationsNeedNoCalibration() {
    QConfig minMax = new QConfig(MinMaxObserver.withArgs(), Observers.DEFAULT_WEIGHT_OBSERVER);
    Module p = Quantization.prepare(new Scaled().eval(), new QConfigMapping().setGlobal(minMax));
    assertThrows(CalibrationException.class, () -> Quantization.convert(p));
    p.forward(FloatTensor.of(new float[] {0f, 2.55f}, 2));
    Module q = Quantization.convert(p);
    float[] y = ((FloatTensor) q.forward(FloatTensor.of(new float[] {1f, 2f}, 2))).toArray();
    assertArrayEquals(new float[] {0.5f, 1f}, y, 1e-6f);
  }

  @Test
  void nothingToDoIsWarnedAbout() {
    Quantization.Result r = Quantization.prepareWithReport(net(), new QConfigMapping());
    assertTrue(r.report().warnings().get(0).contains("no layer to observe"), r.report().toString());
    Quantization.Result d =
        Quantization.quantizeDynamicWithReport(new Sequential(new ReLU()).eval());
    assertEquals(1, d.report().warnings().size());
  }

  @Test
  void constantRangesAreWarnedAbout() {
    QConfigMapping q =
        new QConfigMapping()
            .setGlobal(
                new QConfig(HistogramObserver.withArgs(), Observers.DEFAULT_WEIGHT_OBSERVER));
    Module p = Quantization.prepare(new QuantWrapper(new ReLU()).eval(), q);
    p.forward(FloatTensor.zeros(2, 2));
    Quantization.Result r = Quantization.convertWithReport(p);
    assertTrue(
        r.report().warnings().get(0).startsWith("quant gave only zeros"), r.report().toString());
  }
}
