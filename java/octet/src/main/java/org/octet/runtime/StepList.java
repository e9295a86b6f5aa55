package org.octet.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The operators of a plan that is being made, and the buffers between them. Passes rewrite {@link
 * #steps}.
 */
final class StepList {
  /** Marks a buffer that lies in the arena. */
  static final int ARENA = -1;

  /**
   * Memory that a step writes or reads; {@code external} is its number among the external buffers,
   * or {@link #ARENA}.
   */
  record Buffer(long bytes, int external) {}

  final List<Step> steps = new ArrayList<>();
  final List<Buffer> buffers = new ArrayList<>();
  private final int inputs;
  private final int outputs;

  /** External buffers are numbered: the graph's inputs, its outputs, constants. */
  StepList(int inputs, int outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
  }

  int newBuffer(long bytes, int external) {
    buffers.add(new Buffer(bytes, external));
    return buffers.size() - 1;
  }

  int outputExternal(int k) {
    return inputs + k;
  }

  int constantExternal(int k) {
    return inputs + outputs + k;
  }

  boolean isArena(int buffer) {
    return buffers.get(buffer).external == ARENA;
  }

  boolean isOutput(int buffer) {
    int e = buffers.get(buffer).external;
    return e >= inputs && e < inputs + outputs;
  }

  /** How often each buffer is read, counting the caller as a reader of the outputs. */
  int[] uses() {
    int[] n = new int[buffers.size()];
    for (Step s : steps) {
      for (int b : s.inputs()) {
        n[b]++;
      }
    }
    for (int b = 0; b < n.length; b++) {
      n[b] += isOutput(b) ? 1 : 0;
    }
    return n;
  }

  /** The last step that reads each buffer, by position; -1 for none. */
  int[] lastReaders() {
    int[] last = new int[buffers.size()];
    Arrays.fill(last, -1);
    for (int i = 0; i < steps.size(); i++) {
      for (int b : steps.get(i).inputs()) {
        last[b] = i;
      }
    }
    return last;
  }

  /** The step that writes each buffer, by position; -1 for none. */
  int[] writers() {
    int[] w = new int[buffers.size()];
    Arrays.fill(w, -1);
    for (int i = 0; i < steps.size(); i++) {
      w[steps.get(i).output()] = i;
    }
    return w;
  }

  /** Replaces the steps by those of {@code next}, leaving out null entries. */
  void replace(Step[] next) {
    steps.clear();
    for (Step s : next) {
      if (s != null) {
        steps.add(s);
      }
    }
  }
}
