package org.octet.backend;

import java.util.List;
import org.octet.backend.twin.Kernels;

/**
 * The pure-Java twin of the native library: the same bits, for tests and where no native library
 * is. Runs on heap arrays that it allocates, and on the calling thread alone.
 */
public final class JavaBackend implements Backend {
  private static final JavaBackend INSTANCE = new JavaBackend();

  private JavaBackend() {}

  /** The one instance. */
  public static JavaBackend instance() {
    return INSTANCE;
  }

  @Override
  public String name() {
    return "java";
  }

  @Override
  public String isa() {
    return "java";
  }

  @Override
  public Operator create(OperatorSpec spec) {
    SpecCheck.check(spec);
    try {
      return new JavaOperator(spec.kind(), spec.attributes(), Kernels.create(spec));
    } catch (OutOfMemoryError | ArithmeticException e) {
      throw JavaOperator.outOfHeap(spec.kind(), e);
    }
  }

  @Override
  public Plan plan(List<PlanStep> steps, long arenaBytes, int externals) {
    return new JavaPlan(steps, arenaBytes, externals);
  }

  @Override
  public String toString() {
    return "java";
  }
}
