package org.octet.optim;

/**
 * The rate times {@code gamma} every {@code stepSize} steps: {@code base * gamma^(epoch /
 * stepSize)}.
 */
public final class StepLR extends LRScheduler {
  private final int stepSize;
  private final double gamma;

  /** gamma 0.1. */
  public StepLR(Optimizer optimizer, int stepSize) {
    this(optimizer, stepSize, 0.1);
  }

  /**
   * All options.
   *
   * @throws org.octet.tensor.OctetException if the step size is below 1 or gamma is negative
   */
  public StepLR(Optimizer optimizer, int stepSize, double gamma) {
    super(optimizer);
    this.stepSize = positive("step_size", stepSize);
    this.gamma = Optimizer.check("gamma", gamma, Double.MAX_VALUE);
    start();
  }

  @Override
  protected double rate(int epoch) {
    return baseRate() * Math.pow(gamma, epoch / stepSize);
  }
}
