package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm1d;
import org.octet.nn.Conv1d;
import org.octet.nn.Sequential;

/**
 * A {@link Conv1d} and a {@link BatchNorm1d}, kept apart for training (fuseQat). State: 0.weight,
 * 1.weight, ...
 */
public class ConvBn1d extends Sequential implements Fused {
  /** Keeps the two. */
  public ConvBn1d(Conv1d conv, BatchNorm1d bn) {
    super(conv, bn);
    train(conv.isTraining());
  }
}
