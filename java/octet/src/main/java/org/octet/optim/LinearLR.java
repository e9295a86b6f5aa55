package org.octet.optim;

/**
 * The rate times a factor that goes in a line from {@code startFactor} to {@code endFactor} within
 * {@code totalIters} steps and stays there. A warm-up is this, followed by another schedule in a
 * {@link SequentialLR}.
 */
public final class LinearLR extends LRScheduler {
  private final double startFactor;
  private final double endFactor;
  private final int totalIters;

  /** From {@code startFactor} to 1: a warm-up. */
  public LinearLR(Optimizer optimizer, double startFactor, int totalIters) {
    this(optimizer, startFactor, 1, totalIters);
  }

  /**
   * All options.
   *
   * @throws org.octet.tensor.OctetException if a factor is not in 0..1 or totalIters is below 1
   */
  public LinearLR(Optimizer optimizer, double startFactor, double endFactor, int totalIters) {
    super(optimizer);
    this.startFactor = Optimizer.check("start_factor", startFactor, 1);
    this.endFactor = Optimizer.check("end_factor", endFactor, 1);
    this.totalIters = positive("total_iters", totalIters);
    start();
  }

  @Override
  protected double rate(int epoch) {
    return baseRate()
        * (startFactor + (endFactor - startFactor) * Math.min(totalIters, epoch) / totalIters);
  }
}
