package org.octet.nn.intrinsic.qat;

import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.LinearReLU;
import org.octet.nn.qat.QatLinear;
import org.octet.ops.Activation;

/** A {@link LinearReLU} with a fake-quantized weight. State: weight, bias, weight_fake_quant.*. */
public class QatLinearReLU extends QatLinear {
  /** A layer of the fused one's own parameters. */
  public QatLinearReLU(LinearReLU fused, Module weightFakeQuant) {
    super((Linear) fused.linear(), weightFakeQuant, Activation.RELU);
  }
}
