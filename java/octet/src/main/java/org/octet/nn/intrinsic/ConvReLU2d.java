package org.octet.nn.intrinsic;

import org.octet.nn.Conv2d;
import org.octet.nn.ReLU;

/** A {@link Conv2d} and a {@link ReLU} in one. */
public class ConvReLU2d extends ConvReLU {
  /** Merges the two. */
  public ConvReLU2d(Conv2d conv, ReLU relu) {
    super(conv, relu);
  }
}
