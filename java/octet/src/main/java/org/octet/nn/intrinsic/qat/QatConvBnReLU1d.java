package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm1d;
import org.octet.nn.Conv1d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link QatConvBn1d} with a ReLU behind. */
public class QatConvBnReLU1d extends QatConvBn {
  /** A layer of the modules' own parameters and statistics. */
  public QatConvBnReLU1d(Conv1d conv, BatchNorm1d bn, Module weightFakeQuant) {
    super(conv, bn, weightFakeQuant, Activation.RELU);
  }
}
