package org.octet.optim;

import org.octet.tensor.OctetException;

/**
 * A learning-rate schedule (torch.optim.lr_scheduler): sets the optimizer's rate when it is made
 * and with each {@link #step}, which is called after the optimizer's steps of an epoch, or of a
 * batch if the schedule counts batches.
 *
 * <p>Rates are functions of the number of steps and the optimizer's initial rate, PyTorch's closed
 * forms, so that a resumed schedule needs nothing but that number.
 */
public abstract class LRScheduler {
  private final Optimizer optimizer;
  private int lastEpoch;

  /**
   * A schedule of an optimizer; subclasses call {@link #start} at the end of their constructors.
   */
  protected LRScheduler(Optimizer optimizer) {
    this.optimizer = optimizer;
  }

  /** Sets the rate of step 0. */
  final void start() {
    optimizer.setLearningRate(rate(0));
  }

  /** The rate after {@code epoch} steps, at least 0. */
  protected abstract double rate(int epoch);

  /** The optimizer's rate before any schedule changed it (PyTorch's initial_lr). */
  protected final double baseRate() {
    return optimizer.initialLearningRate();
  }

  /** Counts one step and sets the optimizer's rate. */
  public final void step() {
    setLastEpoch(lastEpoch + 1);
  }

  /** The number of steps so far: what a checkpoint keeps. */
  public final int lastEpoch() {
    return lastEpoch;
  }

  /**
   * Goes to a number of steps and sets the optimizer's rate, to resume.
   *
   * @throws OctetException if it is negative
   */
  public final void setLastEpoch(int epoch) {
    if (epoch < 0) {
      throw new OctetException("A schedule got step number " + epoch + "; expected 0 or more.");
    }
    lastEpoch = epoch;
    optimizer.setLearningRate(rate(epoch));
  }

  /** The rate that this schedule last set. */
  public final double lastLR() {
    return rate(lastEpoch);
  }

  /** {@code value}, which must be positive. */
  static int positive(String what, int value) {
    if (value < 1) {
      throw new OctetException(
          "The schedule's " + what + " is " + value + "; expected at least 1.");
    }
    return value;
  }
}
