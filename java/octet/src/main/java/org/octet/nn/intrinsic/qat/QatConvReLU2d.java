package org.octet.nn.intrinsic.qat;

import org.octet.nn.Conv2d;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.ConvReLU2d;
import org.octet.nn.qat.QatConv;
import org.octet.ops.Activation;

/** A {@link ConvReLU2d} with a fake-quantized weight. State: weight, bias, weight_fake_quant.*. */
public class QatConvReLU2d extends QatConv {
  /** A layer of the fused one's own parameters. */
  public QatConvReLU2d(ConvReLU2d fused, Module weightFakeQuant) {
    super((Conv2d) fused.conv(), weightFakeQuant, Activation.RELU);
  }
}
