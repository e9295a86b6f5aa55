package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv3d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link QatConvBn3d} with a ReLU behind. */
public class QatConvBnReLU3d extends QatConvBn {
  /** A layer of the modules' own parameters and statistics. */
  public QatConvBnReLU3d(Conv3d conv, BatchNorm3d bn, Module weightFakeQuant) {
    super(conv, bn, weightFakeQuant, Activation.RELU);
  }
}
