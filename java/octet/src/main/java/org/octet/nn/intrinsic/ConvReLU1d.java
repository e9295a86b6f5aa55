package org.octet.nn.intrinsic;

import org.octet.nn.Conv1d;
import org.octet.nn.ReLU;

/** A {@link Conv1d} and a {@link ReLU} in one. */
public class ConvReLU1d extends ConvReLU {
  /** Merges the two. */
  public ConvReLU1d(Conv1d conv, ReLU relu) {
    super(conv, relu);
  }
}
