package org.octet.nn.qat.dynamic;

import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.qat.QatLinear;
import org.octet.tensor.Tensor;

/**
 * A {@link Linear} that is trained to be quantized dynamically: it computes with its fake-quantized
 * weight, and its INPUT runs through the fake quantizer that prepareQat attaches, with the
 * parameters of the newest tensor; the result stays as it is. State: weight, bias,
 * weight_fake_quant.*, activation_post_process.*.
 */
public class DynamicQatLinear extends QatLinear {
  /**
   * A layer of {@code linear}'s own parameters; {@code weightFakeQuant} maps a weight to what is
   * multiplied with.
   */
  public DynamicQatLinear(Linear linear, Module weightFakeQuant) {
    super(linear, weightFakeQuant);
  }

  @Override
  public Tensor forward(Tensor... in) {
    Module input = namedChildren().get(ACTIVATION_POST_PROCESS);
    return super.forward(input == null ? in[0] : input.forward(in[0]));
  }

  /** Of the result there is nothing to observe. */
  @Override
  protected final boolean handlesPostProcess() {
    return true;
  }
}
