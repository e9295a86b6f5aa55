package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm3d;
import org.octet.nn.ReLU;

/** A {@link BatchNorm3d} and a {@link ReLU} in one. */
public class BNReLU3d extends BNReLU {
  /** Merges the two. */
  public BNReLU3d(BatchNorm3d bn, ReLU relu) {
    super(bn, relu);
  }
}
