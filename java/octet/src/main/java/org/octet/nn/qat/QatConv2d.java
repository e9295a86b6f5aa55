package org.octet.nn.qat;

import org.octet.nn.Conv2d;
import org.octet.nn.Module;
import org.octet.ops.Activation;
import org.octet.ops.ConvOp;
import org.octet.tensor.Tensor;

/**
 * A {@link Conv2d} that computes with its fake-quantized weight. State: weight, bias,
 * weight_fake_quant.*.
 */
public class QatConv2d extends Conv2d implements QatModule {
  private final Key weightFakeQuant;
  private final ConvOp op;

  /**
   * A layer of {@code conv}'s own parameters; {@code weightFakeQuant} maps a weight to what is
   * multiplied with.
   */
  public QatConv2d(Conv2d conv, Module weightFakeQuant) {
    this(conv, weightFakeQuant, Activation.NONE);
  }

  /** With a clamp after the bias. */
  protected QatConv2d(Conv2d conv, Module weightFakeQuant, Activation activation) {
    super(conv.geometry(), conv.weight(), conv.bias());
    this.weightFakeQuant = child(WEIGHT_FAKE_QUANT, weightFakeQuant);
    this.op = new ConvOp(conv.geometry(), activation);
    train(conv.isTraining());
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0], run(weightFakeQuant, weight()), bias());
  }
}
