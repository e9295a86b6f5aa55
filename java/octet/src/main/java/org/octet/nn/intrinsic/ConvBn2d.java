package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Sequential;

/**
 * A {@link Conv2d} and a {@link BatchNorm2d}, kept apart for training (fuseQat). State: 0.weight,
 * 1.weight, ...
 */
public class ConvBn2d extends Sequential implements Fused {
  /** Keeps the two. */
  public ConvBn2d(Conv2d conv, BatchNorm2d bn) {
    super(conv, bn);
    train(conv.isTraining());
  }
}
