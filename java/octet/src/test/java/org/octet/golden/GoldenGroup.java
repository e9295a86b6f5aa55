package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.octet.tensor.TensorScope;
import org.opentest4j.TestAbortedException;

/**
 * Turns a group into one dynamic test for each case and a last one that accounts for all of them.
 */
final class GoldenGroup {
  private final String name;
  private final Map<String, Integer> skipped = new TreeMap<>();
  private int ran;
  private int passed;

  private GoldenGroup(String name) {
    this.name = name;
  }

  /**
   * The tests of a group.
   *
   * @param check throws if the case does not hold; calls {@link #unknownOp} for an op that it does
   *     not know
   */
  static Stream<DynamicTest> tests(String name, Consumer<GoldenCase> check) {
    return new GoldenGroup(name).tests(check);
  }

  /**
   * An op that is neither implemented nor in the table: an error, so that nothing is dropped
   * silently.
   */
  static void unknownOp(GoldenCase c) {
    throw new AssertionError(
        "Op \"" + c.op() + "\" is neither checked here nor listed in Later; do one of the two.");
  }

  private Stream<DynamicTest> tests(Consumer<GoldenCase> check) {
    List<GoldenCase> cases = Golden.cases(name);
    if (cases.isEmpty()) {
      return Stream.of(
          DynamicTest.dynamicTest(
              name + " is not there",
              () -> {
                String text = "golden " + name + ": no such group in " + Golden.source();
                System.out.println(text);
                throw new TestAbortedException(text);
              }));
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (GoldenCase c : cases) {
      tests.add(DynamicTest.dynamicTest(c.id(), () -> run(c, check)));
    }
    tests.add(DynamicTest.dynamicTest(name + " is complete", () -> account(cases)));
    return tests.stream();
  }

  private void run(GoldenCase c, Consumer<GoldenCase> check) {
    String reason = Later.reason(c);
    if (reason != null) {
      skipped.merge(reason, 1, Integer::sum);
      throw new TestAbortedException("later: " + reason);
    }
    ran++;
    try (TensorScope scope = TensorScope.open()) {
      check.accept(c);
    }
    passed++;
  }

  private void account(List<GoldenCase> cases) {
    int notRun = skipped.values().stream().mapToInt(Integer::intValue).sum();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "golden %s (%s): %d ran, %d passed, %d failed, %d skipped",
            name, Golden.source(), ran, passed, ran - passed, notRun));
    skipped.forEach(
        (reason, n) -> text.append("\n  skipped ").append(n).append(": ").append(reason));
    System.out.println(text);
    Set<String> ids = new HashSet<>();
    cases.forEach(c -> ids.add(c.id()));
    assertEquals(cases.size(), ids.size(), name + ": every case has an id of its own");
    assertEquals(
        cases.size(), ran + notRun, name + ": every case either ran or was skipped for a reason");
    assertTrue(ran > 0, name + ": no case ran");
  }
}
