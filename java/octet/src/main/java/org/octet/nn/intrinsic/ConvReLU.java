package org.octet.nn.intrinsic;

import org.octet.nn.Conv;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.Activation;
import org.octet.ops.ConvOp;
import org.octet.tensor.Tensor;

/**
 * What {@link ConvReLU1d}, {@link ConvReLU2d} and {@link ConvReLU3d} share: the result is that of
 * running both. State: 0.weight, 0.bias.
 */
public abstract class ConvReLU extends Sequential implements Fused {
  private final ConvOp op;

  ConvReLU(Conv conv, ReLU relu) {
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
    return !isTraining() && conv() instanceof Conv c
        ? op.apply(in[0], c.weight(), c.bias())
        : super.forward(in);
  }
}
