package org.octet.nn.qat;

import org.octet.nn.Conv;
import org.octet.nn.Module;
import org.octet.ops.Activation;
import org.octet.ops.ConvOp;
import org.octet.tensor.Tensor;

/**
 * A convolution that computes with its fake-quantized weight. State: weight, bias,
 * weight_fake_quant.*.
 */
public abstract class QatConv extends Conv implements QatModule {
  private final Key weightFakeQuant;
  private final ConvOp op;

  /**
   * A layer of {@code conv}'s own parameters, with a clamp after the bias.
   *
   * @param weightFakeQuant maps a weight to what is multiplied with
   */
  protected QatConv(Conv conv, Module weightFakeQuant, Activation activation) {
    super(conv.geometry(), conv.weight(), conv.bias(), conv.weight().shape().rank());
    this.weightFakeQuant = child(WEIGHT_FAKE_QUANT, weightFakeQuant);
    this.op = new ConvOp(conv.geometry(), activation);
    train(conv.isTraining());
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0], run(weightFakeQuant, weight()), bias());
  }
}
