package org.octet.backend;

/**
 * One operator of a plan. A reference that is not negative is a byte offset into the arena; -1 - n
 * is external buffer n.
 *
 * @param inputs copied: a plan checks them once
 * @param scratch byte offset into the arena
 */
public record PlanStep(OperatorContext context, long[] inputs, long output, long scratch) {
  /** Copies {@code inputs}. */
  public PlanStep {
    inputs = inputs.clone();
  }

  @Override
  public long[] inputs() {
    return inputs.clone();
  }
}
