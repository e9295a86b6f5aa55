package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.nn.Module;
import org.octet.nn.quantized.QFunctional;
import org.octet.nn.quantized.Quantize;
import org.octet.nn.quantized.QuantizedConv2d;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.Quantization;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.Observer;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Post-training static quantization of a small CNN, step by step: fuse, prepare, calibrate,
 * convert, run.
 */
class WorkflowGoldenTest {
  /**
   * The group gives no tolerance for float values on the way; this is the one of group fuse_modules
   * for the same steps.
   */
  private static final Tolerance FLOAT = new Tolerance(0, 1, 1e-5, 1e-5, 0, 0);

  @TestFactory
  Stream<DynamicTest> ptqStatic() {
    return GoldenGroup.tests("workflow_ptq_static", WorkflowGoldenTest::check);
  }

  private static void check(GoldenCase c) {
    if (!c.op().equals("cnn_ptq")) {
      GoldenGroup.unknownOp(c);
    }
    JsonObject out = c.outputs();
    FloatTensor x = c.floatIn("x");
    Map<String, Tensor> state = GoldenCase.state(c.inputs().getAsJsonObject("float_state_dict"));
    RecordedCnn model = new RecordedCnn(state);
    model.loadStateDict(state);
    model.eval();
    Expect.floats("float_y", out.get("float_y"), model.forward(x), FLOAT);

    Module fused = Fusion.fuse(model, fuseList(c));
    Expect.state(
        "fused_state_dict", out.getAsJsonObject("fused_state_dict"), fused.stateDict(), FLOAT);
    Expect.floats("fused_float_y", out.get("fused_float_y"), fused.forward(x), FLOAT);
    // Octet finds the same groups by itself.
    assertEquals(types(fused), types(Fusion.fuse(model)), "fused by the data flow");

    QConfigMapping mapping =
        new QConfigMapping().setGlobal(Presets.named(c.paramString("qconfig", "")));
    Module prepared = Quantization.prepare(fused, mapping);
    GoldenCase.floatList(c.inputs().get("calibration")).forEach(prepared::forward);
    observers(out.getAsJsonObject("observers"), prepared);

    Module converted = Quantization.convert(prepared);
    modules(out.getAsJsonObject("quantized_modules"), converted, c.tolerance(), FLOAT);
    keys(c.params().getAsJsonArray("state_dict_keys_converted"), converted);
    model.recorded().clear();
    Tensor y = converted.forward(x);
    layers(out.getAsJsonArray("layer_outputs"), converted, model.recorded(), c.tolerance(), FLOAT);
    finalOutput(
        out.get("y"), y, ((QuantizedLinear) converted.module("fc2")).scale(), c.tolerance());
  }

  private static List<List<String>> fuseList(GoldenCase c) {
    List<List<String>> groups = new ArrayList<>();
    for (JsonElement group : c.params().getAsJsonArray("fuse_list")) {
      List<String> names = new ArrayList<>();
      group.getAsJsonArray().forEach(e -> names.add(e.getAsString()));
      groups.add(names);
    }
    return groups;
  }

  private static Map<String, String> types(Module m) {
    Map<String, String> out = new TreeMap<>();
    m.namedModules().forEach((path, x) -> out.put(path, x.getClass().getSimpleName()));
    return out;
  }

  private static void observers(JsonObject expected, Module prepared) {
    Map<String, Observer> there = new TreeMap<>();
    prepared
        .namedModules()
        .forEach(
            (path, m) -> {
              if (m instanceof Observer o) {
                there.put(path, o);
              }
            });
    assertEquals(new TreeSet<>(expected.keySet()), there.keySet(), "paths of observers");
    there.forEach(
        (path, o) -> {
          JsonObject e = expected.getAsJsonObject(path);
          assertEquals(
              e.get("class").getAsString(), o.getClass().getSimpleName(), path + ": class");
          MinMaxStatistics s = (MinMaxStatistics) o;
          Expect.floats(
              path + ".min_val",
              GoldenCase.floatValues(e.get("min_val")),
              s.minVal().toArray(),
              FLOAT);
          Expect.floats(
              path + ".max_val",
              GoldenCase.floatValues(e.get("max_val")),
              s.maxVal().toArray(),
              FLOAT);
          ObserverGoldenTest.qparams(path + ": ", e, o.calculateQParams(), FLOAT);
        });
  }

  /**
   * Type, scale and zero point of every quantized module; weights' codes and bias where it has
   * them.
   */
  static void modules(
      JsonObject expected, Module converted, Tolerance tolerance, Tolerance floats) {
    Map<String, Module> there = new TreeMap<>();
    converted
        .namedModules()
        .forEach(
            (path, m) -> {
              if (m instanceof Quantize
                  || m instanceof QuantizedConv2d
                  || m instanceof QuantizedLinear
                  || m instanceof QFunctional) {
                there.put(path, m);
              }
            });
    assertEquals(new TreeSet<>(expected.keySet()), there.keySet(), "paths of quantized modules");
    there.forEach(
        (path, m) -> {
          JsonObject e = expected.getAsJsonObject(path);
          assertEquals(e.get("type").getAsString(), torchType(m), path + ": type");
          Map<String, Tensor> state = m.stateDict();
          double scale = ((FloatTensor) state.get("scale")).item();
          Expect.close(path + ".scale", e.get("scale").getAsDouble(), scale, 0, floats.rel());
          QParams output = output(m);
          assertEquals(e.get("zero_point").getAsInt(), output.zeroPoint(), path + ": zero_point");
          assertEquals((float) scale, output.scale(), path + ": state and parameters agree");
          assertEquals(e.has("weight"), state.containsKey("weight"), path + ": has a weight");
          if (e.has("weight")) {
            weight(
                path + ".weight",
                e.getAsJsonObject("weight"),
                (QuantizedTensor) state.get("weight"),
                tolerance,
                floats);
            Expect.floats(path + ".bias", e.get("bias"), state.get("bias"), floats);
          }
        });
  }

  private static QParams output(Module m) {
    if (m instanceof Quantize q) {
      return q.output();
    } else if (m instanceof QFunctional f) {
      return f.output();
    } else if (m instanceof QuantizedConv2d conv) {
      return conv.output();
    }
    return ((QuantizedLinear) m).output();
  }

  private static void weight(
      String what, JsonObject expected, QuantizedTensor w, Tolerance tolerance, Tolerance floats) {
    QParams e = GoldenCase.qparams(expected);
    assertEquals(e.dtype(), w.dtype(), what + ": dtype");
    assertEquals(e.scheme(), w.qscheme(), what + ": scheme");
    assertEquals(e.axis(), w.qparams().axis(), what + ": axis");
    Expect.floats(what + ": scales", e.scales(), w.qparams().scales(), floats);
    for (int i = 0; i < e.count(); i++) {
      assertEquals(e.zeroPoint(i), w.qparams().zeroPoint(i), what + ": zero point " + i);
    }
    Expect.codes(what, GoldenCase.intValues(expected), w.intRepr(), tolerance);
  }

  /**
   * PyTorch hides weight and bias of a linear layer in "_packed_params"; Octet has them under their
   * names.
   */
  private static void keys(JsonArray expected, Module converted) {
    TreeSet<String> keys = new TreeSet<>();
    for (JsonElement e : expected) {
      String key = e.getAsString();
      if (key.endsWith("._packed_params._packed_params")) {
        String path = key.substring(0, key.indexOf("._packed_params"));
        keys.add(path + ".weight");
        keys.add(path + ".bias");
      } else if (!key.endsWith("._packed_params.dtype")) {
        keys.add(key);
      }
    }
    assertEquals(keys, new TreeSet<>(converted.stateDict().keySet()), "state_dict_keys_converted");
  }

  private static String torchType(Module m) {
    return m.getClass().getSimpleName().replaceFirst("^Quantized", "");
  }

  static void layers(
      JsonArray expected,
      Module converted,
      List<RecordedCnn.Step> steps,
      Tolerance tolerance,
      Tolerance floats) {
    assertEquals(expected.size(), steps.size(), "number of layer outputs");
    for (int i = 0; i < steps.size(); i++) {
      JsonObject e = expected.get(i).getAsJsonObject();
      String path = steps.get(i).path();
      assertEquals(e.get("module").getAsString(), path, "module " + i + " in call order");
      // PyTorch leaves an Identity where the functional's observer was.
      if (!path.endsWith("." + Module.ACTIVATION_POST_PROCESS)) {
        assertEquals(
            e.get("type").getAsString(), torchType(converted.module(path)), path + ": type");
      }
      JsonObject recorded = e.getAsJsonObject("output");
      Tensor actual = steps.get(i).output();
      if (recorded.has("qscheme")) {
        QuantizedTensor q = assertInstanceOf(QuantizedTensor.class, actual, path);
        Expect.close(
            path + ": scale", recorded.get("scale").getAsDouble(), q.qScale(), 0, floats.rel());
        assertEquals(recorded.get("zero_point").getAsInt(), q.qZeroPoint(), path + ": zero point");
        Expect.codes(path, GoldenCase.intValues(recorded), q.intRepr(), tolerance);
      } else {
        // The last one: held to final_abs_quanta below.
        assertEquals(expected.size() - 1, i, path + " is the only float output");
      }
    }
  }

  /** {@code final_abs_quanta} times the last scale. */
  private static void finalOutput(
      JsonElement expected, Tensor y, double scale, Tolerance tolerance) {
    assertTrue(tolerance.finalQuanta() > 0, "the case says final_abs_quanta");
    double quanta = tolerance.finalQuanta() * scale;
    Expect.floats("y", expected, y, new Tolerance(0, 1, quanta, FLOAT.rel(), 0, 0));
  }
}
