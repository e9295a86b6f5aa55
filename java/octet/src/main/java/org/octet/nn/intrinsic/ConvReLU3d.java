package org.octet.nn.intrinsic;

import org.octet.nn.Conv3d;
import org.octet.nn.ReLU;

/** A {@link Conv3d} and a {@link ReLU} in one. */
public class ConvReLU3d extends ConvReLU {
  /** Merges the two. */
  public ConvReLU3d(Conv3d conv, ReLU relu) {
    super(conv, relu);
  }
}
