package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.octet.backend.Isa;
import org.octet.natives.NativeLibrary;

/**
 * JVMs started with settings of the backend and the instruction set, by option and by environment.
 */
class SettingsTest {
  @BeforeEach
  void needsTheLibrary() {
    assumeTrue(NativeLibrary.isAvailable(), NativeLibrary::unavailabilityCause);
  }

  private static String start(int exit, String variable, String... options) throws Exception {
    Map<String, String> environment = variable == null ? Map.of() : Map.of("OCTET_ISA", variable);
    return Fork.start(SettingsMain.class, environment, 60, List.of(options))
        .check(exit)
        .output()
        .trim();
  }

  private static void runs(String isa, String variable, String... options) throws Exception {
    String text = start(0, variable, options);
    assertTrue(text.endsWith("isa=" + isa), text);
  }

  @Test
  void everyInstructionSetByOptionAndByVariable() throws Exception {
    for (Isa isa : Isa.all()) {
      boolean here = isa.status() == Isa.Status.RUNS;
      String byOption = start(here ? 0 : 3, null, "-Doctet.isa=" + isa);
      String byVariable = start(here ? 0 : 3, isa.name());
      assertTrue(byOption.contains(here ? "isa=" + isa : isa.status().reason()), byOption);
      assertTrue(byVariable.contains(here ? "isa=" + isa : isa.status().reason()), byVariable);
    }
  }

  @Test
  void theOptionWinsOverTheVariable() throws Exception {
    String best = Isa.best().name();
    runs(best, null);
    runs("reference", best, "-Doctet.isa=reference");
    runs(best, "reference", "-Doctet.isa=" + best);
    runs("reference", "nonsense", "-Doctet.isa=reference");
    runs("reference", "reference", "-Doctet.isa=");
    runs("java", "nonsense", "-Doctet.backend=java");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"nonsense, -", "-, nonsense", "nonsense, reference"})
  void nonsenseIsRefusedWithTheLegalValues(String option, String variable) throws Exception {
    List<String> options = new ArrayList<>();
    if (option != null) {
      options.add("-Doctet.isa=" + option);
    }
    String text = start(3, variable, options.toArray(new String[0]));
    assertTrue(text.contains(option != null ? "-Doctet.isa" : "OCTET_ISA"), text);
    assertTrue(text.contains("nonsense") && text.contains("This machine runs: reference"), text);
  }

  @Test
  void unknownBackendIsRefused() throws Exception {
    String text = start(3, null, "-Doctet.backend=cuda");
    assertTrue(text.contains("native or java"), text);
  }
}
