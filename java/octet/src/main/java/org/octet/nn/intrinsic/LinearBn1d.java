package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm1d;
import org.octet.nn.Linear;
import org.octet.nn.Sequential;

/**
 * A {@link Linear} and a {@link BatchNorm1d}, kept apart for training (fuseQat). State: 0.weight,
 * 1.weight, ...
 */
public class LinearBn1d extends Sequential implements Fused {
  /** Keeps the two. */
  public LinearBn1d(Linear linear, BatchNorm1d bn) {
    super(linear, bn);
    train(linear.isTraining());
  }
}
