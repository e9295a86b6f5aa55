package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link QatConvBn2d} with a ReLU behind. */
public class QatConvBnReLU2d extends QatConvBn {
  /** A layer of the modules' own parameters and statistics. */
  public QatConvBnReLU2d(Conv2d conv, BatchNorm2d bn, Module weightFakeQuant) {
    super(conv, bn, weightFakeQuant, Activation.RELU);
  }
}
