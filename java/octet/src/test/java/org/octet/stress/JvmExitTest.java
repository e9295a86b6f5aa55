package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A JVM whose runs used two threads ends as it should: workers that sleep or compute neither delay
 * nor crash it.
 */
class JvmExitTest {
  @ParameterizedTest
  @CsvSource({"normal, 0", "closed, 0", "exit, 7", "uncaught, 1", "halt, 9"})
  void exitCodeIsTheProgramsOwn(String how, int expected) throws Exception {
    Fork.Result r = Fork.start(ExitMain.class, Map.of(), 60, List.of(), how).check(expected);
    assertTrue(r.output().contains("ran"), r.output());
  }
}
