package org.octet.backend;

import java.util.Arrays;
import java.util.List;
import org.octet.tensor.ClosedException;
import org.octet.tensor.OctetException;
import org.octet.tensor.Storage;

/** The checks of a plan's offsets, once when it is made, so that its runs need none. */
final class PlanLayout {
  private static final int MOST_EXTERNALS = 1 << 16;

  private final long arenaBytes;

  /** Bytes that the steps use of each external buffer; 0 where none does. */
  private final long[] externalBytes;

  private final int[] externalAlignment;
  private final boolean[] used;

  /**
   * Checks.
   *
   * @param contextType the class that this backend's contexts have
   * @throws BackendException if a step is another backend's or reaches beyond the arena
   */
  PlanLayout(
      List<PlanStep> steps,
      Class<? extends ShapedContext> contextType,
      long arenaBytes,
      int externals) {
    if (arenaBytes < 0 || externals < 0 || externals > MOST_EXTERNALS) {
      throw new BackendException(
          "A plan got an arena of "
              + arenaBytes
              + " bytes and "
              + externals
              + " external buffers; expected neither"
              + " negative, and at most "
              + MOST_EXTERNALS
              + " buffers.");
    }
    this.arenaBytes = arenaBytes;
    this.externalBytes = new long[externals];
    this.used = new boolean[externals];
    this.externalAlignment = new int[externals];
    Arrays.fill(externalAlignment, 1);
    for (int i = 0; i < steps.size(); i++) {
      PlanStep step = steps.get(i);
      if (!contextType.isInstance(step.context())) {
        throw new BackendException(
            "Step "
                + i
                + " of the plan is "
                + (step.context() == null
                    ? "null"
                    : "a " + step.context().getClass().getSimpleName() + " of another backend")
                + "; make all operators with the backend that makes the plan.");
      }
      Footprint f = contextType.cast(step.context()).footprint();
      long[] inputs = step.inputs();
      if (inputs.length != f.inputs().length) {
        throw new BackendException(
            "Step "
                + i
                + " of the plan has "
                + inputs.length
                + " inputs; expected "
                + f.inputs().length
                + ".");
      }
      for (int k = 0; k < f.inputs().length; k++) {
        check(i, "input " + k, inputs[k], f.inputs()[k], f.inputAlignment());
      }
      check(i, "output", step.output(), f.output(), f.outputAlignment());
      Footprint.checkScratch(step.scratch(), step.context().scratchBytes(), arenaBytes);
    }
  }

  private void check(int step, String what, long reference, long bytes, int alignment) {
    if (reference >= 0) {
      Footprint.checkBounds(what + " of step " + step, reference, bytes, arenaBytes, alignment);
      return;
    }
    long index = -1 - reference;
    if (index >= externalBytes.length) {
      throw new BackendException(
          "The "
              + what
              + " of step "
              + step
              + " is external buffer "
              + index
              + "; the plan has "
              + externalBytes.length
              + ".");
    }
    used[(int) index] = true;
    externalBytes[(int) index] = Math.max(externalBytes[(int) index], bytes);
    externalAlignment[(int) index] = Math.max(externalAlignment[(int) index], alignment);
  }

  long arenaBytes() {
    return arenaBytes;
  }

  int externals() {
    return externalBytes.length;
  }

  void checkBinding(int index, Storage storage, long byteOffset) {
    if (index < 0 || index >= externalBytes.length) {
      throw new BackendException(
          "External buffer " + index + " was bound; the plan has " + externalBytes.length + ".");
    }
    long available = storage == null ? -1 : storage.bytes();
    if (byteOffset < 0
        || byteOffset > available - externalBytes[index]
        || byteOffset % externalAlignment[index] != 0) {
      // Only now, since the text is made on the heap and a bind that succeeds must not allocate.
      Footprint.checkBounds(
          "external buffer " + index,
          byteOffset,
          externalBytes[index],
          available,
          externalAlignment[index]);
    }
  }

  /**
   * Takes a reference to every buffer that a step uses, for one run; the caller gives them back
   * with {@link #release}.
   *
   * @throws BackendException if one is not bound
   * @throws ClosedException if the memory of one is gone; nothing is held then
   */
  void acquire(Storage[] external) {
    int held = 0;
    try {
      for (; held < external.length; held++) {
        if (!used[held]) {
          continue;
        }
        if (external[held] == null) {
          throw new BackendException(
              "External buffer " + held + " of the plan is not bound; call bind before run.");
        }
        external[held].acquire();
      }
    } catch (OctetException e) {
      release(external, held);
      throw e;
    }
  }

  void release(Storage[] external) {
    release(external, external.length);
  }

  private void release(Storage[] external, int n) {
    for (int i = 0; i < n; i++) {
      if (used[i]) {
        external[i].release();
      }
    }
  }

  static ClosedException closed() {
    return new ClosedException(
        "The plan was closed before this run; keep it open as long as it is used.");
  }
}
