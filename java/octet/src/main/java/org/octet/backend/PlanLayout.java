package org.octet.backend;

import java.util.List;
import org.octet.tensor.ClosedException;
import org.octet.tensor.Storage;

/** The checks of a plan's offsets, once when it is made, so that its runs need none. */
final class PlanLayout {
  private final long arenaBytes;
  /** Bytes that the steps use of each external buffer; 0 where none does. */
  private final long[] externalBytes;

  private final boolean[] used;

  /**
   * Checks.
   *
   * @param contextType the class that this backend's contexts have
   * @throws BackendException if a step is another backend's or reaches beyond the arena
   */
  PlanLayout(List<PlanStep> steps, Class<? extends ShapedContext> contextType, long arenaBytes, int externals) {
    this.arenaBytes = arenaBytes;
    this.externalBytes = new long[externals];
    this.used = new boolean[externals];
    for (int i = 0; i < steps.size(); i++) {
      PlanStep step = steps.get(i);
      if (!contextType.isInstance(step.context())) {
        throw new BackendException(
            "Step " + i + " of the plan is a " + step.context().getClass().getSimpleName()
                + " of another backend; make all operators with the backend that makes the plan.");
      }
      Footprint f = contextType.cast(step.context()).footprint();
      if (step.inputs().length != f.inputs().length) {
        throw new BackendException(
            "Step " + i + " of the plan has " + step.inputs().length + " inputs; expected " + f.inputs().length + ".");
      }
      for (int k = 0; k < f.inputs().length; k++) {
        check(i, "input " + k, step.inputs()[k], f.inputs()[k]);
      }
      check(i, "output", step.output(), f.output());
      if (step.context().scratchBytes() > 0) {
        Footprint.checkScratch(step.scratch(), step.context().scratchBytes(), arenaBytes);
      }
    }
  }

  private void check(int step, String what, long reference, long bytes) {
    if (reference >= 0) {
      Footprint.checkBounds(what + " of step " + step, reference, bytes, arenaBytes);
      return;
    }
    long index = -1 - reference;
    if (index >= externalBytes.length) {
      throw new BackendException(
          "The " + what + " of step " + step + " is external buffer " + index + "; the plan has " + externalBytes.length + ".");
    }
    used[(int) index] = true;
    externalBytes[(int) index] = Math.max(externalBytes[(int) index], bytes);
  }

  long arenaBytes() {
    return arenaBytes;
  }

  int externals() {
    return externalBytes.length;
  }

  void checkBinding(int index, Storage storage, long byteOffset) {
    if (index < 0 || index >= externalBytes.length) {
      throw new BackendException("External buffer " + index + " was bound; the plan has " + externalBytes.length + ".");
    }
    if (byteOffset < 0 || byteOffset > storage.bytes() - externalBytes[index]) {
      // Only now, since the text is made on the heap and a bind that succeeds must not allocate.
      Footprint.checkBounds("external buffer " + index, byteOffset, externalBytes[index], storage.bytes());
    }
  }

  void checkBound(Storage[] external) {
    for (int i = 0; i < external.length; i++) {
      if (external[i] == null && used[i]) {
        throw new BackendException("External buffer " + i + " of the plan is not bound; call bind before run.");
      }
    }
  }

  static ClosedException closed() {
    return new ClosedException("The plan was closed before this run; keep it open as long as it is used.");
  }
}
