package org.octet.optim;

/**
 * The rate along a half cosine, from the optimizer's down to {@code etaMin} after {@code tMax}
 * steps: {@code etaMin + (base - etaMin) * (1 + cos(pi * epoch / tMax)) / 2}; beyond, up again, as
 * the cosine goes.
 */
public final class CosineAnnealingLR extends LRScheduler {
  private final int tMax;
  private final double etaMin;

  /** Down to 0. */
  public CosineAnnealingLR(Optimizer optimizer, int tMax) {
    this(optimizer, tMax, 0);
  }

  /**
   * All options.
   *
   * @throws org.octet.tensor.OctetException if tMax is below 1 or etaMin is negative
   */
  public CosineAnnealingLR(Optimizer optimizer, int tMax, double etaMin) {
    super(optimizer);
    this.tMax = positive("T_max", tMax);
    this.etaMin = Optimizer.check("eta_min", etaMin, Double.MAX_VALUE);
    start();
  }

  @Override
  protected double rate(int epoch) {
    return Math.max(0, etaMin + (baseRate() - etaMin) * (1 + Math.cos(Math.PI * epoch / tMax)) / 2);
  }
}
