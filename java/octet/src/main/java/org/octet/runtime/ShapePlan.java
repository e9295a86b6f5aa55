package org.octet.runtime;

import java.util.concurrent.atomic.AtomicInteger;
import org.octet.backend.Plan;
import org.octet.tensor.Shape;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorSpec;

/**
 * Everything that a program prepared for one set of input shapes. Counted: the cache and each
 * session hold it.
 */
final class ShapePlan {
  final TensorSpec[] outputs;
  final StepList list;
  final long arenaBytes;

  /**
   * Set by every run, taken back when the cache looks for a plan to drop: a run costs no lock for
   * it.
   */
  volatile boolean touched = true;

  /** Set when the cache dropped it: sessions give it up at their next run. */
  volatile boolean dropped;

  private final Shape[] inputs;
  private final Plan plan;
  private final Storage[] constants;
  private final AtomicInteger references = new AtomicInteger(1);

  ShapePlan(
      Shape[] inputs,
      TensorSpec[] outputs,
      StepList list,
      Plan plan,
      long arenaBytes,
      Storage[] constants) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.list = list;
    this.plan = plan;
    this.arenaBytes = arenaBytes;
    this.constants = constants;
  }

  /** Whether this is for the shapes of these tensors. */
  boolean matches(Tensor[] in) {
    for (int i = 0; i < inputs.length; i++) {
      if (!inputs[i].equals(in[i].shape())) {
        return false;
      }
    }
    return true;
  }

  /** Takes a reference, unless the last one is gone. */
  boolean tryAcquire() {
    int n;
    do {
      n = references.get();
      if (n == 0) {
        return false;
      }
    } while (!references.compareAndSet(n, n + 1));
    return true;
  }

  void release() {
    if (references.decrementAndGet() == 0) {
      plan.close();
    }
  }

  /** An arena with the constants bound. */
  Plan.Session newArena() {
    Plan.Session s = plan.newSession();
    for (int k = 0; k < constants.length; k++) {
      s.bind(list.constantExternal(k), constants[k], 0);
    }
    return s;
  }
}
