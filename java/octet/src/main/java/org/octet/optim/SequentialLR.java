package org.octet.optim;

import java.util.List;
import org.octet.tensor.OctetException;

/**
 * Schedules one after the other; each counts its steps from its own beginning. Warm-up, then a
 * cosine:
 *
 * <pre>{@code
 * new SequentialLR(
 *     optimizer,
 *     List.of(new LinearLR(optimizer, 0.1, 5), new CosineAnnealingLR(optimizer, 45)),
 *     5);
 * }</pre>
 */
public final class SequentialLR extends LRScheduler {
  private final List<LRScheduler> schedules;
  private final int[] milestones;

  /**
   * Schedules of the same optimizer.
   *
   * @param milestones the step numbers at which the second, third, ... begins: rising, one fewer
   *     than schedules
   * @throws OctetException if there are more or fewer of them, or they do not rise
   */
  public SequentialLR(Optimizer optimizer, List<LRScheduler> schedules, int... milestones) {
    super(optimizer);
    if (schedules.isEmpty() || schedules.size() != milestones.length + 1) {
      throw new OctetException(
          "SequentialLR got "
              + schedules.size()
              + " schedules and "
              + milestones.length
              + " milestones; expected one schedule more than milestones.");
    }
    for (int i = 0; i < milestones.length; i++) {
      int before = i == 0 ? 0 : milestones[i - 1];
      if (milestones[i] <= before) {
        throw new OctetException(
            "SequentialLR got milestone "
                + milestones[i]
                + " after "
                + before
                + "; expected rising ones.");
      }
    }
    this.schedules = List.copyOf(schedules);
    this.milestones = milestones.clone();
    start();
  }

  @Override
  protected double rate(int epoch) {
    int i = 0;
    while (i < milestones.length && epoch >= milestones[i]) {
      i++;
    }
    return schedules.get(i).rate(i == 0 ? epoch : epoch - milestones[i - 1]);
  }
}
