package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.octet.natives.NativeLibrary;

/**
 * The contract that everything rests on: the Java twin and every instruction set give the same
 * bits, for every kind.
 */
class ParityTest {
  /** Kinds that the native library does not have yet. Whoever brings one takes it off this list. */
  static final Set<OpKind> NOT_NATIVE = EnumSet.noneOf(OpKind.class);

  private static final int SEEDS = Integer.getInteger("octet.parity.seeds", 60);

  @AfterAll
  static void report() {
    for (Isa isa : Isa.all()) {
      System.out.println(
          "Parity: "
              + isa
              + (isa.status() == Isa.Status.RUNS
                  ? " ran"
                  : " did not run, it " + isa.status().reason()));
    }
    if (Isa.all().isEmpty()) {
      System.out.println("Parity: nothing ran, " + NativeLibrary.unavailabilityCause());
    }
  }

  /**
   * Where the build made a library it must load: otherwise every comparison below would be skipped
   * unseen.
   */
  @Test
  void theBuiltLibraryLoads() {
    String file = "/org/octet/natives/" + Loader.getPlatform() + "/libjnioctet.so";
    assumeTrue(!"java".equals(System.getProperty("octet.backend")), "switched off");
    assumeTrue(ParityTest.class.getResource(file) != null, "no library was built");
    assertTrue(NativeLibrary.isAvailable(), NativeLibrary::unavailabilityCause);
  }

  @ParameterizedTest
  @EnumSource
  void everyInstructionSetGivesTheTwinsBits(OpKind kind) {
    assumeTrue(NativeLibrary.isAvailable(), NativeLibrary::unavailabilityCause);
    List<NativeBackend> backends = NativeBackend.available();
    assertEquals("reference", backends.get(0).isa());
    for (int seed = 0; seed < SEEDS; seed++) {
      for (Fill fill : Fill.values()) {
        OperatorCase c = OperatorCase.random(kind, fill, seed);
        for (NativeBackend b : backends) {
          if (NOT_NATIVE.contains(kind)) {
            assertThrows(UnsupportedKindException.class, () -> Parity.check(c, b));
          } else {
            Parity.check(c, b);
          }
        }
      }
    }
  }

  /** A comparison that cannot fail would hide everything: one wrong constant must show. */
  @Test
  void aDifferenceIsSeen() {
    OperatorCase c = OperatorCase.random(OpKind.CONV_F32, Fill.RANDOM, 3);
    Backend wrong =
        new Backend() {
          @Override
          public String name() {
            return "wrong";
          }

          @Override
          public String isa() {
            return "wrong";
          }

          @Override
          public Operator create(OperatorSpec spec) {
            spec.constants().get(0).buffer().putFloat(0, 7f);
            return JavaBackend.instance().create(spec);
          }

          @Override
          public Plan plan(List<PlanStep> steps, long arenaBytes, int externals) {
            return JavaBackend.instance().plan(steps, arenaBytes, externals);
          }
        };
    AssertionError e = assertThrows(AssertionError.class, () -> Parity.check(c, wrong));
    assertTrue(e.getMessage().contains("CONV_F32"), e.getMessage());
  }
}
