package org.octet.nn.intrinsic;

import org.octet.nn.Conv2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.Activation;
import org.octet.ops.ConvOp;
import org.octet.tensor.Tensor;

/**
 * A {@link Conv2d} and a {@link ReLU} in one: the result is that of running both. State: 0.weight,
 * 0.bias.
 */
public class ConvReLU2d extends Sequential {
  private final ConvOp op;

  /** Merges the two. */
  public ConvReLU2d(Conv2d conv, ReLU relu) {
    super(conv, relu);
    this.op = new ConvOp(conv.geometry(), Activation.RELU);
    train(conv.isTraining());
  }

  /** The convolution. */
  public final Module conv() {
    return get(0);
  }

  /**
   * Evaluation clamps in the convolution's epilogue, which gives the same bits as the two modules
   * do.
   */
  @Override
  public Tensor forward(Tensor... in) {
    return !isTraining() && conv() instanceof Conv2d c
        ? op.apply(in[0], c.weight(), c.bias())
        : super.forward(in);
  }
}
