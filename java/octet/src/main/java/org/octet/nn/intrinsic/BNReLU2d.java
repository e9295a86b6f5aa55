package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.Activation;
import org.octet.ops.BatchNormOp;
import org.octet.tensor.Tensor;

/**
 * A {@link BatchNorm2d} and a {@link ReLU} in one: the result is that of running both. State:
 * 0.weight, 0.bias, ...
 */
public class BNReLU2d extends Sequential {
  private final BatchNormOp op;

  /** Merges the two. */
  public BNReLU2d(BatchNorm2d bn, ReLU relu) {
    super(bn, relu);
    this.op = new BatchNormOp(bn.eps(), Activation.RELU);
    train(bn.isTraining());
  }

  /** The batch normalisation. */
  public final Module bn() {
    return get(0);
  }

  /**
   * Evaluation clamps in the normalisation's epilogue, which gives the same bits as the two modules
   * do.
   */
  @Override
  public Tensor forward(Tensor... in) {
    return !isTraining() && bn() instanceof BatchNorm2d b
        ? op.apply(in[0], b.weight(), b.bias(), b.runningMean(), b.runningVar())
        : super.forward(in);
  }
}
