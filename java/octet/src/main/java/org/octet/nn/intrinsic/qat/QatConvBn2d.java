package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link Conv2d} and a {@link BatchNorm2d} in one for training. */
public class QatConvBn2d extends QatConvBn {
  /** A layer of the two modules' own parameters and statistics. */
  public QatConvBn2d(Conv2d conv, BatchNorm2d bn, Module weightFakeQuant) {
    super(conv, bn, weightFakeQuant, Activation.NONE);
  }
}
