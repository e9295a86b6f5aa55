package org.octet.backend;

import java.util.List;

/**
 * The one seam to kernels. Two tenants give the same bits: {@link NativeBackend} (C++, one per
 * instruction set) and {@link JavaBackend} (plain Java). Kinds, attributes and semantics:
 * native/include/octet/octet_kinds.h.
 */
public interface Backend {
  /** "native" or "java". */
  String name();

  /** The instruction set that kernels come from; "java" for the twin. */
  String isa();

  /**
   * Makes an operator.
   *
   * @throws BackendException if the backend refuses the attributes
   */
  Operator create(OperatorSpec spec);

  /**
   * Makes a plan of operators of this backend. The contexts' operators must stay open as long as
   * the plan.
   *
   * @param arenaBytes memory that each session of the plan has
   * @param externals number of external buffers
   */
  Plan plan(List<PlanStep> steps, long arenaBytes, int externals);
}
