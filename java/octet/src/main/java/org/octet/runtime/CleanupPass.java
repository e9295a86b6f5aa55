package org.octet.runtime;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.octet.ops.Lowering;

/** Runs equal steps once and drops steps whose results nobody reads. */
final class CleanupPass {
  private CleanupPass() {}

  static void run(StepList list) {
    mergeDuplicates(list);
    dropDead(list);
  }

  private static void mergeDuplicates(StepList list) {
    int[] same = new int[list.buffers.size()];
    for (int b = 0; b < same.length; b++) {
      same[b] = b;
    }
    Map<List<Object>, Integer> made = new HashMap<>();
    Step[] steps = list.steps.toArray(new Step[0]);
    for (int i = 0; i < steps.length; i++) {
      Step s = steps[i].withInputs(Arrays.stream(steps[i].inputs()).map(b -> same[b]).toArray());
      steps[i] = s;
      if (s.constants() == Lowering.NONE) {
        List<Object> key = List.of(s.kind(), s.attributes(), ints(s.dims()), ints(s.inputs()));
        Integer first = made.putIfAbsent(key, s.output());
        if (first != null && list.isArena(s.output())) {
          same[s.output()] = first;
          steps[i] = null;
        }
      }
    }
    list.replace(steps);
  }

  private static List<Integer> ints(int[] values) {
    return Arrays.stream(values).boxed().collect(Collectors.toList());
  }

  private static void dropDead(StepList list) {
    int[] uses = list.uses();
    Step[] steps = list.steps.toArray(new Step[0]);
    for (int i = steps.length - 1; i >= 0; i--) {
      if (uses[steps[i].output()] == 0) {
        for (int b : steps[i].inputs()) {
          uses[b]--;
        }
        steps[i] = null;
      }
    }
    list.replace(steps);
  }
}
