package org.octet.nn.intrinsic.qat;

import org.octet.nn.Conv1d;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.ConvReLU1d;
import org.octet.nn.qat.QatConv;
import org.octet.ops.Activation;

/** A {@link ConvReLU1d} with a fake-quantized weight. State: weight, bias, weight_fake_quant.*. */
public class QatConvReLU1d extends QatConv {
  /** A layer of the fused one's own parameters. */
  public QatConvReLU1d(ConvReLU1d fused, Module weightFakeQuant) {
    super((Conv1d) fused.conv(), weightFakeQuant, Activation.RELU);
  }
}
