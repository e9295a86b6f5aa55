package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm;
import org.octet.nn.Conv;
import org.octet.nn.Module;
import org.octet.nn.qat.QatModule;
import org.octet.ops.Activation;
import org.octet.ops.ConvOp;
import org.octet.ops.UnaryOp;
import org.octet.tensor.Tensor;

/**
 * A convolution and a batch normalisation that is folded into the weight before it is
 * fake-quantized, see {@link FoldsBatchNorm}. State: weight, bias, bn.*, weight_fake_quant.*.
 */
public abstract class QatConvBn extends Conv implements QatModule, FoldsBatchNorm {
  private final Key bn;
  private final Key weightFakeQuant;
  private final BatchNormFolding folding;
  private final Activation activation;
  private boolean slowPath;

  /** A layer of the two modules' own parameters and statistics, with an activation behind. */
  QatConvBn(Conv conv, BatchNorm bn, Module weightFakeQuant, Activation activation) {
    super(conv.geometry(), conv.weight(), conv.bias(), conv.weight().shape().rank());
    BatchNormFolding.check(conv.weight(), bn);
    this.bn = child("bn", bn);
    this.weightFakeQuant = child(WEIGHT_FAKE_QUANT, weightFakeQuant);
    this.activation = activation;
    ConvOp op = new ConvOp(conv.geometry(), Activation.NONE);
    this.folding = new BatchNormFolding(op::apply);
    train(conv.isTraining());
  }

  @Override
  public final BatchNorm bn() {
    return (BatchNorm) namedChildren().get(bn.name());
  }

  @Override
  public final void setSlowPath(boolean value) {
    slowPath = value;
  }

  @Override
  public Tensor forward(Tensor... in) {
    boolean relu = activation == Activation.RELU;
    Tensor y =
        folding.forward(
            in[0],
            weight(),
            bias(),
            bn(),
            w -> run(weightFakeQuant, w),
            slowPath ? null : v -> relu ? runWithRelu(bn, v) : run(bn, v));
    return relu && slowPath ? UnaryOp.RELU.apply(y) : y;
  }
}
