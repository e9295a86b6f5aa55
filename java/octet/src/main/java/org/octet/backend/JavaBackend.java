package org.octet.backend;

import java.util.List;

/** The pure-Java twin of the native library: the same bits, for tests and where no native library is. */
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
    throw new BackendException("not yet: " + spec.kind());
  }

  @Override
  public Plan plan(List<PlanStep> steps, long arenaBytes, int externals) {
    throw new BackendException("not yet");
  }
}
