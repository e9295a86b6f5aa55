package org.octet.nn.intrinsic;

import org.octet.nn.BatchNorm;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.Activation;
import org.octet.ops.BatchNormOp;
import org.octet.tensor.Tensor;

/**
 * What {@link BNReLU2d} and {@link BNReLU3d} share: the result is that of running both. State:
 * 0.weight, 0.bias, ...
 */
public abstract class BNReLU extends Sequential implements Fused {
  private final BatchNormOp op;

  BNReLU(BatchNorm bn, ReLU relu) {
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
    return !isTraining() && bn() instanceof BatchNorm b
        ? op.apply(in[0], b.weight(), b.bias(), b.runningMean(), b.runningVar())
        : super.forward(in);
  }
}
