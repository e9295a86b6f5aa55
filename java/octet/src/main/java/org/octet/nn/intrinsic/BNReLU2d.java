package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm2d;
import org.octet.nn.ReLU;

/** A {@link BatchNorm2d} and a {@link ReLU} in one. */
public class BNReLU2d extends BNReLU {
  /** Merges the two. */
  public BNReLU2d(BatchNorm2d bn, ReLU relu) {
    super(bn, relu);
  }
}
