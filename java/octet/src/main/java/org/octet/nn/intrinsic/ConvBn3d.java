package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv3d;
import org.octet.nn.Sequential;

/**
 * A {@link Conv3d} and a {@link BatchNorm3d}, kept apart for training (fuseQat). State: 0.weight,
 * 1.weight, ...
 */
public class ConvBn3d extends Sequential implements Fused {
  /** Keeps the two. */
  public ConvBn3d(Conv3d conv, BatchNorm3d bn) {
    super(conv, bn);
    train(conv.isTraining());
  }
}
