package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm1d;
import org.octet.nn.Conv1d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link Conv1d} and a {@link BatchNorm1d} in one for training. */
public class QatConvBn1d extends QatConvBn {
  /** A layer of the two modules' own parameters and statistics. */
  public QatConvBn1d(Conv1d conv, BatchNorm1d bn, Module weightFakeQuant) {
    super(conv, bn, weightFakeQuant, Activation.NONE);
  }
}
