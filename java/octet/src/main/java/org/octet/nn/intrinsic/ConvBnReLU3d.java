package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv3d;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;

/**
 * A {@link Conv3d}, a {@link BatchNorm3d} and a {@link ReLU}, kept apart for training (fuseQat).
 * State: 0.weight, 1.weight, ...
 */
public class ConvBnReLU3d extends Sequential implements Fused {
  /** Keeps the three. */
  public ConvBnReLU3d(Conv3d conv, BatchNorm3d bn, ReLU relu) {
    super(conv, bn, relu);
    train(conv.isTraining());
  }
}
