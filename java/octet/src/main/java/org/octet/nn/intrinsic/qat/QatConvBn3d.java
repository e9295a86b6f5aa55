package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv3d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link Conv3d} and a {@link BatchNorm3d} in one for training. */
public class QatConvBn3d extends QatConvBn {
  /** A layer of the two modules' own parameters and statistics. */
  public QatConvBn3d(Conv3d conv, BatchNorm3d bn, Module weightFakeQuant) {
    super(conv, bn, weightFakeQuant, Activation.NONE);
  }
}
