package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;

/**
 * A {@link Conv2d}, a {@link BatchNorm2d} and a {@link ReLU}, kept apart for training (fuseQat).
 * State: 0.weight, 1.weight, ...
 */
public class ConvBnReLU2d extends Sequential implements Fused {
  /** Keeps the three. */
  public ConvBnReLU2d(Conv2d conv, BatchNorm2d bn, ReLU relu) {
    super(conv, bn, relu);
    train(conv.isTraining());
  }
}
