package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.octet.quantization.Engine;
import org.octet.quantization.QConfig;
import org.octet.quantization.QConfigs;

/** The qconfigs that cases name. */
final class Presets {
  private Presets() {}

  /** The default qconfig of an engine, or "default", PyTorch's default_qconfig. */
  static QConfig named(String name) {
    return name.equals("default") ? QConfigs.named("default_qconfig") : Engine.of(name).defaultQConfig();
  }

  /** Every recorded setting of the observers of an engine's default. */
  static void check(GoldenCase c) {
    assertEquals("ptq", c.paramString("kind", ""), "kind");
    QConfig q = named(c.paramString("backend", ""));
    ObserverGoldenTest.settings("activation", c.outputs().getAsJsonObject("activation"), q.activation().get());
    ObserverGoldenTest.settings("weight", c.outputs().getAsJsonObject("weight"), q.weight().get());
  }
}
