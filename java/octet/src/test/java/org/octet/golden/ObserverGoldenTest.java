package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.quantization.observer.HistogramObserver;
import org.octet.quantization.observer.MinMaxObserver;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.MovingAverageMinMaxObserver;
import org.octet.quantization.observer.MovingAveragePerChannelMinMaxObserver;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.ObserverFactory;
import org.octet.quantization.observer.Observers;
import org.octet.quantization.observer.PerChannelMinMaxObserver;
import org.octet.quantization.observer.RecordingObserver;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;

/** Observers: statistics and parameters after every call. */
class ObserverGoldenTest {
  private static final Map<String, ObserverFactory> CLASSES =
      Map.of(
          "MinMaxObserver", MinMaxObserver.withArgs(),
          "MovingAverageMinMaxObserver", MovingAverageMinMaxObserver.withArgs(),
          "PerChannelMinMaxObserver", PerChannelMinMaxObserver.withArgs(),
          "MovingAveragePerChannelMinMaxObserver", MovingAveragePerChannelMinMaxObserver.withArgs(),
          "HistogramObserver", HistogramObserver.withArgs());

  private static final Map<String, String> FIXED =
      Map.of(
          "FixedQParamsObserver_range0to1", "default_fixed_qparams_range_0to1_observer",
          "FixedQParamsObserver_rangeNeg1to1", "default_fixed_qparams_range_neg1to1_observer");

  @TestFactory
  Stream<DynamicTest> observers() {
    return GoldenGroup.tests("observers", ObserverGoldenTest::sequence);
  }

  @TestFactory
  Stream<DynamicTest> histogramObserver() {
    return GoldenGroup.tests("histogram_observer_v2", ObserverGoldenTest::sequence);
  }

  @TestFactory
  Stream<DynamicTest> fixedAndMisc() {
    return GoldenGroup.tests(
        "observers_fixed_and_misc",
        c -> {
          if (c.op().equals("default_qconfig")) {
            Presets.check(c);
          } else {
            single(c);
          }
        });
  }

  /**
   * The observer of a case such as "MinMaxObserver_custom_range", with its parameters as options.
   */
  private static Observer observer(GoldenCase c) {
    ObserverFactory f = CLASSES.get(c.op().split("_")[0]);
    if (f == null) {
      GoldenGroup.unknownOp(c);
    }
    f =
        f.dtype(DType.ofTorchName(c.paramString("dtype", "quint8")))
            .reduceRange(c.paramBool("reduce_range", false));
    if (c.has("qscheme")) {
      f = f.qscheme(scheme(c.paramString("qscheme", "")));
    }
    if (c.has("quant_min")) {
      f = f.quantRange(c.paramInt("quant_min"), c.paramInt("quant_max"));
    }
    if (c.has("eps")) {
      f = f.eps((float) c.paramDouble("eps"));
    }
    if (c.has("averaging_constant")) {
      f = f.averagingConstant((float) c.paramDouble("averaging_constant"));
    }
    if (c.has("bins")) {
      f = f.bins(c.paramInt("bins"));
    }
    return f.chAxis(c.paramInt("ch_axis", 0)).get();
  }

  static QScheme scheme(String name) {
    return Stream.of(QScheme.values())
        .filter(s -> s.torchName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void sequence(GoldenCase c) {
    Observer observer = observer(c);
    assertEquals(c.paramInt("quant_min_resolved"), observer.quantMin(), "quant_min");
    assertEquals(c.paramInt("quant_max_resolved"), observer.quantMax(), "quant_max");
    List<FloatTensor> calls = GoldenCase.floatList(c.inputs().get("calls"));
    JsonArray after = c.outputs().getAsJsonArray("after_each_call");
    assertEquals(calls.size(), after.size(), "one record a call");
    for (int i = 0; i < calls.size(); i++) {
      assertEquals(calls.get(i), untouched(observer.forward(calls.get(i)), calls.get(i)));
      JsonObject record = after.get(i).getAsJsonObject();
      String at = "after call " + i + ": ";
      MinMaxStatistics statistics = (MinMaxStatistics) observer;
      float[] min = GoldenCase.floatValues(record.get("min_val"));
      float[] max = GoldenCase.floatValues(record.get("max_val"));
      Expect.floats(at + "min_val", min, statistics.minVal().toArray(), c.tolerance());
      Expect.floats(at + "max_val", max, statistics.maxVal().toArray(), c.tolerance());
      qparams(at, record, observer.qparamsOrDefault(), c.tolerance());
      if (record.has("histogram")) {
        float[] histogram = GoldenCase.floatValues(record.get("histogram"));
        Expect.floats(
            at + "histogram",
            histogram,
            ((HistogramObserver) observer).histogram().toArray(),
            c.tolerance());
      }
    }
  }

  /** An observer returns what it got. */
  private static FloatTensor untouched(Object returned, FloatTensor given) {
    Expect.floats("returned", given.toArray(), ((FloatTensor) returned).toArray(), Tolerance.EXACT);
    return given;
  }

  /** {@code scale} and {@code zero_point} of a record. */
  static void qparams(String at, JsonObject record, QParams actual, Tolerance tolerance) {
    float[] scales = GoldenCase.floatValues(record.get("scale"));
    Expect.floats(at + "scale", scales, actual.scales(), tolerance);
    if (actual.scheme().hasFloatZeroPoints()) {
      float[] expected = GoldenCase.floatValues(record.get("zero_point"));
      Expect.floats(at + "zero_point", expected, actual.floatZeroPoints(), tolerance);
      return;
    }
    int[] zeroPoints = GoldenCase.intValues(record.get("zero_point"));
    int[] z = actual.zeroPoints();
    assertEquals(zeroPoints.length, z.length, at + "number of zero points");
    for (int i = 0; i < z.length; i++) {
      assertTrue(
          Math.abs(zeroPoints[i] - z[i]) <= tolerance.zeroPoint(),
          at + "zero point " + i + " is " + z[i] + ", expected " + zeroPoints[i]);
    }
  }

  /** A default observer by name: its settings, and its parameters after one call. */
  private static void single(GoldenCase c) {
    String name =
        FIXED.containsKey(c.op()) ? FIXED.get(c.op()) : c.op().replaceFirst("^default_", "");
    Observer observer = Observers.named(name).get();
    settings(c.op(), c.params(), observer);
    FloatTensor x = c.floatIn("x");
    observer.forward(x);
    if (c.outputs().has("scale")) {
      qparams("", c.outputs(), observer.calculateQParams(), c.tolerance());
    }
    if (observer instanceof RecordingObserver r) {
      assertEquals(1, r.tensors().size());
      untouched(r.tensors().get(0), x);
    }
  }

  /** Class, dtype, scheme, range, and what else a record says about an observer. */
  static void settings(String what, JsonObject record, Observer observer) {
    if (record.has("class")) {
      assertEquals(
          record.get("class").getAsString(), observer.getClass().getSimpleName(), what + ": class");
    }
    assertEquals(record.get("dtype").getAsString(), observer.dtype().torchName(), what + ": dtype");
    if (record.has("qscheme")) {
      assertEquals(
          record.get("qscheme").getAsString(), observer.qscheme().torchName(), what + ": qscheme");
    }
    if (record.has("quant_min")) {
      assertEquals(record.get("quant_min").getAsInt(), observer.quantMin(), what + ": quant_min");
      assertEquals(record.get("quant_max").getAsInt(), observer.quantMax(), what + ": quant_max");
    }
    if (record.has("compute_dtype")) {
      assertTrue(observer.isDynamic(), what + ": parameters are chosen at run time");
    }
    if (observer instanceof MinMaxStatistics s) {
      if (record.has("reduce_range")) {
        assertEquals(
            record.get("reduce_range").getAsBoolean(),
            s.options().reduceRange(),
            what + ": reduce_range");
      }
      if (record.has("ch_axis")) {
        assertEquals(record.get("ch_axis").getAsInt(), s.options().chAxis(), what + ": ch_axis");
      }
      if (record.has("averaging_constant")) {
        float constant = (float) record.get("averaging_constant").getAsDouble();
        assertEquals(constant, s.options().averagingConstant(), what + ": averaging_constant");
      }
      if (record.has("eps")) {
        assertEquals((float) record.get("eps").getAsDouble(), s.options().eps(), what + ": eps");
      }
      if (record.has("bins")) {
        // The recorded upsample_rate is PyTorch 1.13's 128; Octet's observer is the current one,
        // whose rate is 16.
        assertEquals(record.get("bins").getAsInt(), s.options().bins(), what + ": bins");
      }
    }
  }
}
