package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.octet.natives.NativeLibrary;

class BackendsTest {
  private static void needsTheLibrary() {
    assumeTrue(NativeLibrary.isAvailable(), NativeLibrary::unavailabilityCause);
  }

  @Test
  void withIsForOneThreadAndNests() throws Exception {
    Backend outer = Backends.current();
    Backend java = JavaBackend.instance();
    Backend other = new Renamed();
    String seen =
        Backends.with(
            other,
            () -> {
              assertSame(other, Backends.current());
              assertSame(java, Backends.with(java, Backends::current));
              assertSame(other, Backends.current());
              Backend[] elsewhere = new Backend[1];
              Thread t = new Thread(() -> elsewhere[0] = Backends.current());
              t.start();
              try {
                t.join();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              assertSame(outer, elsewhere[0]);
              return "done";
            });
    assertEquals("done", seen);
    assertSame(outer, Backends.current());
    assertThrows(
        IllegalStateException.class,
        () ->
            Backends.with(
                other,
                () -> {
                  throw new IllegalStateException();
                }));
    assertSame(outer, Backends.current());
  }

  private static final class Renamed implements Backend {
    @Override
    public String name() {
      return "renamed";
    }

    @Override
    public String isa() {
      return "none";
    }

    @Override
    public Operator create(OperatorSpec spec) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Plan plan(List<PlanStep> steps, long arenaBytes, int externals) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void settingsChoose() {
    assertSame(JavaBackend.instance(), Backends.choose("java", null, null));
    assertSame(JavaBackend.instance(), Backends.choose("java", null, "no-such-isa"));
    BackendException e =
        assertThrows(BackendException.class, () -> Backends.choose("cuda", null, null));
    assertTrue(e.getMessage().contains("native or java"), e.getMessage());
    needsTheLibrary();
    assertSame(NativeBackend.best(), Backends.choose(null, null, null));
    assertSame(NativeBackend.best(), Backends.choose("native", "", " "));
    assertSame(NativeBackend.of("reference"), Backends.choose(null, "reference", null));
    assertSame(NativeBackend.of("reference"), Backends.choose("native", null, "reference"));
    assertSame(NativeBackend.of("reference"), Backends.choose(null, "reference", "no-such-isa"));
    e = assertThrows(BackendException.class, () -> Backends.choose(null, "avx1024", null));
    assertTrue(
        e.getMessage().contains("-Doctet.isa") && e.getMessage().contains("reference"),
        e.getMessage());
    e = assertThrows(BackendException.class, () -> Backends.choose(null, null, "avx1024"));
    assertTrue(
        e.getMessage().contains("OCTET_ISA") && e.getMessage().contains("avx1024"), e.getMessage());
  }

  @Test
  void instructionSetsAreATree() {
    needsTheLibrary();
    List<Isa> all = Isa.all();
    assertEquals("reference", all.get(0).name());
    assertNull(all.get(0).parent());
    for (Isa isa : all) {
      assertTrue(isa.includes(all.get(0)) && isa.includes(isa));
      if (isa.status() == Isa.Status.RUNS) {
        assertEquals(isa.name(), NativeBackend.of(isa.name()).isa());
        assertSame(NativeBackend.of(isa.name()), NativeBackend.of(isa.name()));
      } else {
        BackendException e =
            assertThrows(BackendException.class, () -> NativeBackend.of(isa.name()));
        assertTrue(e.getMessage().contains(isa.status().reason()), e.getMessage());
        assertTrue(e.getMessage().contains("This machine runs: reference"), e.getMessage());
      }
    }
    assertEquals(Isa.best().name(), NativeBackend.best().isa());
    assertTrue(NativeBackend.available().contains(NativeBackend.best()));
    if (NativeBackend.available().size() > 1) {
      assertNotSame(NativeBackend.best(), NativeBackend.of("reference"));
    }
  }

  @Test
  void wrongNamesListTheLegalOnes() {
    for (String name : new String[] {"", "AVX2", "sse9", "reference ", "java"}) {
      BackendException e = assertThrows(BackendException.class, () -> NativeBackend.of(name));
      assertTrue(e.getMessage().contains("unknown"), e.getMessage());
      for (Isa isa : Isa.all()) {
        assertTrue(e.getMessage().contains(isa.name()), e.getMessage());
      }
    }
  }

  @Test
  void describeSaysWhatRunsAndWhyTheRestDoesNot() {
    assertTrue(Octet.version().matches("\\d+\\.\\d+.*"), Octet.version());
    String text = Octet.describe();
    assertTrue(
        text.contains(Octet.version()) && text.contains(Backends.defaultBackend().name()), text);
    assertTrue(text.contains(System.getProperty("os.arch")) && text.contains("CPU"), text);
    for (Isa isa : Isa.all()) {
      assertTrue(text.contains(isa.name()), text);
    }
    needsTheLibrary();
    StringBuilder capped = new StringBuilder();
    Octet.describe(capped, NativeBackend.of("reference"));
    for (NativeBackend b : NativeBackend.available()) {
      if (!b.isa().equals("reference")) {
        assertTrue(
            capped.toString().contains(b.isa() + " runs here, but reference was asked for"),
            capped.toString());
      }
    }
  }
}
