package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import org.octet.quantization.Engine;
import org.octet.quantization.FakeQuantize;
import org.octet.quantization.QConfig;
import org.octet.quantization.QConfigs;
import org.octet.quantization.QParamsRule;
import org.octet.quantization.observer.Observer;

/** The qconfigs that cases name. */
final class Presets {
  private Presets() {}

  /** The default qconfig of an engine, or "default", PyTorch's default_qconfig. */
  static QConfig named(String name) {
    return name.equals("default")
        ? QConfigs.named("default_qconfig")
        : Engine.of(name).defaultQConfig();
  }

  /**
   * For training: an engine's default, or a preset's name; parameters are chosen as PyTorch does.
   */
  static QConfig qat(String name) {
    return QConfigs.named().containsKey(name)
        ? QConfigs.named(name).rule(QParamsRule.TORCH)
        : Engine.of(name).defaultQatQConfig(1, QParamsRule.TORCH);
  }

  /** Every recorded setting of the observers of an engine's default. */
  static void check(GoldenCase c) {
    String kind = c.paramString("kind", "");
    String backend = c.paramString("backend", "");
    assertTrue(kind.equals("ptq") || kind.equals("qat"), "kind " + kind);
    QConfig q = kind.equals("ptq") ? named(backend) : qat(backend);
    check("activation", c.outputs().getAsJsonObject("activation"), q.activation().get());
    check("weight", c.outputs().getAsJsonObject("weight"), q.weight().get());
  }

  private static void check(String what, JsonObject record, Observer observer) {
    if (!record.has("observer")) {
      ObserverGoldenTest.settings(what, record, observer);
      return;
    }
    FakeQuantize f = assertInstanceOf(FakeQuantize.class, observer, what);
    assertEquals(record.get("class").getAsString(), f.getClass().getSimpleName(), what + ": class");
    JsonObject inner = record.deepCopy();
    inner.add("class", record.get("observer"));
    ObserverGoldenTest.settings(what, inner, f.observer());
    assertEquals(record.get("quant_min").getAsInt(), f.quantMin(), what + ": quant_min");
    assertEquals(record.get("quant_max").getAsInt(), f.quantMax(), what + ": quant_max");
  }
}
