package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Memory stays flat, with a heap of 512 MB, in a JVM of its own. */
class FlatMemoryTest {
  private static final long MB = 1 << 20;
  private static final Pattern SAMPLE = Pattern.compile("step (\\d+) tensors (\\d+) rss (-?\\d+)");

  private record Sample(long step, long tensors, long resident) {}

  private static List<Sample> samples(String mode, int steps) throws Exception {
    // The whole heap is touched first, so that what the process gains later lies outside of it.
    // Direct buffers, which
    // storage is without the native library, go back only with a collection; the limit makes the
    // JVM start one.
    List<String> options =
        List.of("-Xms512m", "-XX:+AlwaysPreTouch", "-XX:MaxDirectMemorySize=64m");
    String text = Fork.run(FlatMemoryMain.class, options, mode, "" + steps);
    List<Sample> out = new ArrayList<>();
    Matcher m = SAMPLE.matcher(text);
    while (m.find()) {
      out.add(
          new Sample(
              Long.parseLong(m.group(1)), Long.parseLong(m.group(2)), Long.parseLong(m.group(3))));
    }
    assertEquals(10, out.size(), text);
    Sample last = out.get(9);
    System.out.println(
        "memory: "
            + mode
            + " x "
            + last.step()
            + ": tensors "
            + last.tensors() / MB
            + " MB, process "
            + last.resident() / MB
            + " MB");
    return out;
  }

  /**
   * A forward makes about 100 kB of tensors: without reclaiming, 10 GB in the end, and half of that
   * after the middle.
   */
  @Test
  void forwardsWhoseResultsNobodyCloses() throws Exception {
    List<Sample> s = samples("forward", 100_000);
    for (Sample x : s) {
      assertTrue(
          x.tensors() <= 300 * MB, "tensors hold " + x.tensors() + " bytes after " + x.step());
    }
    assertProcessIsFlat(s);
  }

  /** A tape closes what a step made, so nothing waits for the collector. */
  @Test
  void trainingSteps() throws Exception {
    List<Sample> s = samples("training", 2_000);
    for (Sample x : s.subList(1, 10)) {
      assertTrue(
          x.tensors() <= s.get(0).tensors() + MB,
          "tensors hold "
              + x.tensors()
              + " bytes after "
              + x.step()
              + " steps, "
              + s.get(0).tensors()
              + " after the first");
    }
    assertProcessIsFlat(s);
  }

  private static void assertProcessIsFlat(List<Sample> s) {
    long early = s.subList(0, 5).stream().mapToLong(Sample::resident).max().orElseThrow();
    long late = s.subList(5, 10).stream().mapToLong(Sample::resident).max().orElseThrow();
    assertTrue(
        late <= early + 64 * MB, "the process grew from " + early + " to " + late + " bytes");
  }
}
