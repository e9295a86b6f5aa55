package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm1d;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.qat.QatModule;
import org.octet.ops.Activation;
import org.octet.ops.LinearOp;
import org.octet.tensor.Tensor;

/**
 * A {@link Linear} and a {@link BatchNorm1d} that is folded into the weight before it is
 * fake-quantized, see {@link FoldsBatchNorm}. Takes [N, in]. State: weight, bias, bn.*,
 * weight_fake_quant.*.
 */
public class QatLinearBn1d extends Linear implements QatModule, FoldsBatchNorm {
  private static final BatchNormFolding FOLDING =
      new BatchNormFolding(new LinearOp(Activation.NONE)::apply);

  private final Key bn;
  private final Key weightFakeQuant;
  private boolean slowPath;

  /** A layer of the two modules' own parameters and statistics. */
  public QatLinearBn1d(Linear linear, BatchNorm1d bn, Module weightFakeQuant) {
    super(linear.weight(), linear.bias());
    BatchNormFolding.check(linear.weight(), bn);
    this.bn = child("bn", bn);
    this.weightFakeQuant = child(WEIGHT_FAKE_QUANT, weightFakeQuant);
    train(linear.isTraining());
  }

  @Override
  public final BatchNorm1d bn() {
    return (BatchNorm1d) namedChildren().get(bn.name());
  }

  @Override
  public final void setSlowPath(boolean value) {
    slowPath = value;
  }

  @Override
  public Tensor forward(Tensor... in) {
    return FOLDING.forward(
        in[0],
        weight(),
        bias(),
        bn(),
        w -> run(weightFakeQuant, w),
        slowPath ? null : y -> run(bn, y));
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + weight().size(1) + ", " + weight().size(0) + ")";
  }
}
