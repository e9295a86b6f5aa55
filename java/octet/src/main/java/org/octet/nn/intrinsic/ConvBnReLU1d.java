package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm1d;
import org.octet.nn.Conv1d;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;

/**
 * A {@link Conv1d}, a {@link BatchNorm1d} and a {@link ReLU}, kept apart for training (fuseQat).
 * State: 0.weight, 1.weight, ...
 */
public class ConvBnReLU1d extends Sequential implements Fused {
  /** Keeps the three. */
  public ConvBnReLU1d(Conv1d conv, BatchNorm1d bn, ReLU relu) {
    super(conv, bn, relu);
    train(conv.isTraining());
  }
}
