package org.octet.nn.qat;

import org.octet.nn.Module;
import org.octet.tensor.FloatTensor;

/** A float layer whose weight runs through a fake quantizer, the child "weight_fake_quant". */
public interface QatModule {
  /** The name of the child. */
  String WEIGHT_FAKE_QUANT = "weight_fake_quant";

  /** The trained weight, not rounded. */
  FloatTensor weight();

  /** The weight's fake quantizer. */
  default Module weightFakeQuant() {
    return ((Module) this).namedChildren().get(WEIGHT_FAKE_QUANT);
  }
}
