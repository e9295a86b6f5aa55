package org.octet.nn.intrinsic.qat;

import org.octet.nn.Conv3d;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.ConvReLU3d;
import org.octet.nn.qat.QatConv;
import org.octet.ops.Activation;

/** A {@link ConvReLU3d} with a fake-quantized weight. State: weight, bias, weight_fake_quant.*. */
public class QatConvReLU3d extends QatConv {
  /** A layer of the fused one's own parameters. */
  public QatConvReLU3d(ConvReLU3d fused, Module weightFakeQuant) {
    super((Conv3d) fused.conv(), weightFakeQuant, Activation.RELU);
  }
}
