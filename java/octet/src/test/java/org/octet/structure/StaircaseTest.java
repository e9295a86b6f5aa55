package org.octet.structure;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The staircase of packages: imports run downwards only. */
class StaircaseTest {
  /** From the bottom up. Packages of one step stand side by side and do not see each other. */
  private static final List<List<String>> STEPS =
      List.of(
          List.of("org.octet.natives"),
          List.of("org.octet.tensor"),
          List.of("org.octet.backend"),
          List.of("org.octet.ops"),
          List.of("org.octet.graph"),
          List.of("org.octet.runtime"),
          List.of("org.octet.autograd", "org.octet.optim", "org.octet.data"),
          List.of("org.octet.nn"),
          List.of("org.octet.quantization"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.octet");

  @TestFactory
  Stream<DynamicTest> importsRunDownwards() {
    List<DynamicTest> tests = new ArrayList<>();
    for (int i = 0; i < STEPS.size(); i++) {
      for (String from : STEPS.get(i)) {
        List<String> forbidden = new ArrayList<>();
        STEPS.subList(i + 1, STEPS.size()).forEach(forbidden::addAll);
        STEPS.get(i).stream().filter(p -> !p.equals(from)).forEach(forbidden::add);
        if (!forbidden.isEmpty()) {
          ArchRule rule =
              noClasses()
                  .that()
                  .resideInAPackage(from + "..")
                  .should()
                  .dependOnClassesThat()
                  .resideInAnyPackage(forbidden.stream().map(p -> p + "..").toArray(String[]::new));
          tests.add(DynamicTest.dynamicTest(from, () -> rule.check(CLASSES)));
        }
      }
    }
    return tests.stream();
  }

  @Test
  void everyPackageStandsOnAStep() {
    Set<String> steps = STEPS.stream().flatMap(List::stream).collect(Collectors.toSet());
    Set<String> there = new TreeSet<>();
    Set<String> homeless = new TreeSet<>();
    for (JavaClass c : CLASSES) {
      String step =
          steps.stream()
              .filter(s -> (c.getPackageName() + ".").startsWith(s + "."))
              .findFirst()
              .orElse(null);
      if (step == null) {
        homeless.add(c.getName());
      } else {
        there.add(step);
      }
    }
    assertEquals(Set.of(), homeless, "classes outside the staircase");
    assertEquals(new TreeSet<>(steps), there, "steps that have classes");
  }

  @Test
  void roomsHaveNoCycles() {
    slices().matching("org.octet.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyTheSeamSeesNativeLibraries() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.octet.natives..", "org.octet.backend..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(CLASSES);
  }

  @Test
  void deployedCodeUsesNoLibm() {
    Set<String> libm =
        Set.of(
            "exp", "expm1", "tanh", "sinh", "cosh", "sin", "cos", "tan", "pow", "log", "log1p",
            "log10", "cbrt");
    noClasses()
        .that(
            resideInAnyPackage(
                "org.octet.tensor..",
                "org.octet.backend..",
                "org.octet.ops..",
                "org.octet.graph..",
                "org.octet.runtime.."))
        // Part of the losses, which only training runs.
        .and()
        .doNotHaveSimpleName("LogSoftmaxOp")
        .should()
        .callMethodWhere(
            describe(
                "the target is a libm function (its last bits depend on the machine)",
                (JavaMethodCall call) ->
                    call.getTargetOwner().isEquivalentTo(Math.class)
                        && libm.contains(call.getTarget().getName())))
        .check(CLASSES);
  }

  @Test
  void publicNamesAreUnique() {
    Map<String, String> seen = new HashMap<>();
    List<String> twice = new ArrayList<>();
    for (JavaClass c : CLASSES) {
      boolean shown =
          c.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC)
              && !c.isNestedClass()
              && !c.getSimpleName().equals("package-info");
      String other = shown ? seen.put(c.getSimpleName(), c.getName()) : null;
      if (other != null) {
        twice.add(other + " and " + c.getName());
      }
    }
    assertEquals(List.of(), twice, "classes whose imports would collide");
    assertTrue(seen.size() > 20, "found " + seen.size() + " public classes");
  }
}
