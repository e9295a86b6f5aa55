package org.octet.nn.qat;

import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.ops.Activation;
import org.octet.ops.LinearOp;
import org.octet.tensor.Tensor;

/**
 * A {@link Linear} that computes with its fake-quantized weight. State: weight, bias,
 * weight_fake_quant.*.
 */
public class QatLinear extends Linear implements QatModule {
  private final Key weightFakeQuant;
  private final LinearOp op;

  /**
   * A layer of {@code linear}'s own parameters; {@code weightFakeQuant} maps a weight to what is
   * multiplied with.
   */
  public QatLinear(Linear linear, Module weightFakeQuant) {
    this(linear, weightFakeQuant, Activation.NONE);
  }

  /** With a clamp after the bias. */
  protected QatLinear(Linear linear, Module weightFakeQuant, Activation activation) {
    super(linear.weight(), linear.bias());
    this.weightFakeQuant = child(WEIGHT_FAKE_QUANT, weightFakeQuant);
    this.op = new LinearOp(activation);
    train(linear.isTraining());
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0], run(weightFakeQuant, weight()), bias());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + weight().size(1) + ", " + weight().size(0) + ")";
  }
}
