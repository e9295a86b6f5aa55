package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.octet.nn.Conv2d;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.quantization.observer.HistogramObserver;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.Observers;
import org.octet.quantization.observer.PerChannelMinMaxObserver;
import org.octet.tensor.OctetException;

class QConfigMappingTest {
  private static final QConfig A = config();
  private static final QConfig B = config();
  private static final QConfig C = config();
  private static final QConfig D = config();

  private static QConfig config() {
    return new QConfig(
        Observers.DEFAULT_OBSERVER.bins(1), Observers.DEFAULT_WEIGHT_OBSERVER.bins(1));
  }

  private static Module model() {
    Map<String, Module> parts = new LinkedHashMap<>();
    parts.put("features", new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Linear(2, 2)));
    parts.put("head", new Linear(2, 2));
    return new Sequential(parts);
  }

  @Test
  void nameBeforeRegexBeforeTypeBeforeGlobal() {
    Module m = model();
    QConfigMapping q = new QConfigMapping();
    assertNull(q.qconfigFor(m, "features.0"));
    q.setGlobal(A);
    assertSame(A, q.qconfigFor(m, "features.0"));
    q.setObjectType(Conv2d.class, B);
    assertSame(B, q.qconfigFor(m, "features.0"));
    assertSame(A, q.qconfigFor(m, "features.2"));
    q.setModuleNameRegex("feat.*0", C);
    assertSame(C, q.qconfigFor(m, "features.0"));
    q.setModuleName("features.0", D);
    assertSame(D, q.qconfigFor(m, "features.0"));
    assertSame(A, q.qconfigFor(m, "head"));
  }

  @Test
  void nullExcludesAtEveryLevel() {
    Module m = model();
    assertNull(new QConfigMapping().setGlobal(A).setModuleName("head", null).qconfigFor(m, "head"));
    assertNull(
        new QConfigMapping().setGlobal(A).setModuleNameRegex("h", null).qconfigFor(m, "head"));
    assertNull(
        new QConfigMapping().setGlobal(A).setObjectType(Linear.class, null).qconfigFor(m, "head"));
    assertNull(new QConfigMapping().setGlobal(null).qconfigFor(m, "head"));
  }

  @Test
  void namesAndTypesReachInwards() {
    Module m = model();
    QConfigMapping byName =
        new QConfigMapping()
            .setGlobal(A)
            .setModuleName("features", B)
            .setModuleName("features.2", C);
    assertSame(B, byName.qconfigFor(m, "features.0"));
    assertSame(C, byName.qconfigFor(m, "features.2"));
    assertSame(A, byName.qconfigFor(m, "head"));
    QConfigMapping byType =
        new QConfigMapping()
            .setGlobal(A)
            .setObjectType(Sequential.class, B)
            .setObjectType(Linear.class, C);
    assertSame(B, byType.qconfigFor(m, "features.0"));
    assertSame(C, byType.qconfigFor(m, "features.2"));
  }

  @Test
  void regexMatchesTheBeginningAndTheFirstOneWins() {
    Module m = model();
    QConfigMapping q =
        new QConfigMapping()
            .setModuleNameRegex("eatures", A)
            .setModuleNameRegex("features\\.[01]", B)
            .setModuleNameRegex("f", C);
    assertSame(B, q.qconfigFor(m, "features.0"));
    assertSame(C, q.qconfigFor(m, "features.2"));
    assertNull(q.qconfigFor(m, "head"));
  }

  @Test
  void aTypeReachesItsFusedForm() {
    Module m = Fusion.fuse(model().eval());
    assertEquals("ConvReLU2d", m.module("features.0").getClass().getSimpleName());
    QConfigMapping q = new QConfigMapping().setGlobal(A).setObjectType(Conv2d.class, null);
    assertNull(q.qconfigFor(m, "features.0"));
  }

  @Test
  void enginesByName() {
    assertSame(Engine.X86, Engine.of("x86"));
    assertSame(Engine.QNNPACK, Engine.of("QNNPACK"));
    EngineException e = assertThrows(EngineException.class, () -> Engine.of("tensorrt"));
    assertTrue(
        e.getMessage().contains("\"tensorrt\"")
            && e.getMessage().contains("x86, fbgemm, qnnpack, onednn"));
  }

  @Test
  void enginesHaveTheirPresets() {
    for (Engine e : Engine.values()) {
      QConfig q = e.defaultQConfig();
      MinMaxStatistics activation = (MinMaxStatistics) q.activation().get();
      assertTrue(activation instanceof HistogramObserver);
      boolean half = e == Engine.X86 || e == Engine.FBGEMM;
      assertEquals(half ? 127 : 255, activation.quantMax());
      assertEquals(e != Engine.QNNPACK, q.weight().get() instanceof PerChannelMinMaxObserver);
    }
  }

  @Test
  void everyPresetCanBeMadeByName() {
    QConfigs.named().forEach((name, q) -> assertSame(q, QConfigs.named(name)));
    QConfigs.named()
        .values()
        .forEach(q -> assertTrue(q.activation().get() != q.activation().get()));
    OctetException e = assertThrows(OctetException.class, () -> QConfigs.named("default"));
    assertTrue(e.getMessage().contains("per_channel_dynamic_qconfig"));
  }

  @Test
  void bothSuppliersAreNeeded() {
    assertThrows(
        NullPointerException.class, () -> new QConfig(null, Observers.DEFAULT_WEIGHT_OBSERVER));
    assertThrows(NullPointerException.class, () -> new QConfig(Observers.DEFAULT_OBSERVER, null));
  }
}
