package org.octet.nn.intrinsic;

import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.Activation;
import org.octet.ops.LinearOp;
import org.octet.tensor.Tensor;

/**
 * A {@link Linear} and a {@link ReLU} in one: the result is that of running both. State: 0.weight,
 * 0.bias.
 */
public class LinearReLU extends Sequential implements Fused {
  private static final LinearOp OP = new LinearOp(Activation.RELU);

  /** Merges the two. */
  public LinearReLU(Linear linear, ReLU relu) {
    super(linear, relu);
    train(linear.isTraining());
  }

  /** The linear layer. */
  public final Module linear() {
    return get(0);
  }

  /** Evaluation clamps in the layer's epilogue, which gives the same bits as the two modules do. */
  @Override
  public Tensor forward(Tensor... in) {
    return !isTraining() && linear() instanceof Linear l
        ? OP.apply(in[0], l.weight(), l.bias())
        : super.forward(in);
  }
}
