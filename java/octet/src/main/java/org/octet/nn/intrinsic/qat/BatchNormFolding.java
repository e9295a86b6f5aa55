package org.octet.nn.intrinsic.qat;

import java.util.function.UnaryOperator;
import org.octet.nn.BatchNorm;
import org.octet.ops.BinaryOp;
import org.octet.ops.ChannelMomentsOp;
import org.octet.ops.ChannelScaleOp;
import org.octet.ops.Forward;
import org.octet.ops.InverseOp;
import org.octet.ops.SubOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * The algorithm of {@link FoldsBatchNorm}.
 *
 * @param layer a linear or convolution layer of (x, weight, bias)
 */
record BatchNormFolding(Forward layer) {
  /** What a batch normalisation must have to be folded while it is trained. */
  static void check(FloatTensor weight, BatchNorm bn) {
    if (bn.weight() == null || bn.numFeatures() != weight.size(0)) {
      throw new OctetException(
          "A weight of shape "
              + weight.shape()
              + " cannot be trained with "
              + bn
              + " folded in; expected a batch"
              + " normalisation with scale and shift of "
              + weight.size(0)
              + " channels.");
    }
  }

  /**
   * Runs.
   *
   * @param normalize runs {@code bn}; null for the slow path
   */
  Tensor forward(
      Tensor x,
      FloatTensor weight,
      FloatTensor bias,
      BatchNorm bn,
      UnaryOperator<Tensor> fakeQuant,
      UnaryOperator<Tensor> normalize) {
    // The same two float32 steps as where convert folds: the same codes come out.
    float[] var = bn.runningVar().toArray();
    float[] rsqrt = new float[var.length];
    for (int c = 0; c < var.length; c++) {
      rsqrt[c] = 1f / (float) Math.sqrt(var[c] + (float) bn.eps());
    }
    FloatTensor running = FloatTensor.of(rsqrt, rsqrt.length);
    Tensor k = BinaryOp.MUL.apply(bn.weight(), running);
    Tensor y =
        layer.forward(x, fakeQuant.apply(ChannelScaleOp.WEIGHT.apply(weight, k, null)), null);
    if (normalize != null) {
      return normalize.apply(ChannelScaleOp.DIVIDE.apply(y, k, bias));
    }
    return bn.isTraining() ? withBatch(x, y, weight, bias, bn, rsqrt) : withRunning(y, bias, bn, k);
  }

  private Tensor withBatch(
      Tensor x, Tensor y, FloatTensor weight, FloatTensor bias, BatchNorm bn, float[] rsqrt) {
    Tensor plain = layer.forward(x, weight, null);
    Tensor[] moments = new ChannelMomentsOp().applyAll(plain);
    if (!plain.isAbstract()) {
      float[] mean = ((FloatTensor) moments[0]).toArray();
      float[] b = bias == null ? new float[mean.length] : bias.toArray();
      for (int c = 0; c < mean.length; c++) {
        mean[c] += b[c];
      }
      bn.track(mean, ((FloatTensor) moments[1]).toArray(), plain.numel() / mean.length);
    }
    float[] std = new float[rsqrt.length];
    for (int c = 0; c < std.length; c++) {
      std[c] = 1f / rsqrt[c];
    }
    Tensor inverse = InverseOp.rsqrt(bn.eps()).apply(moments[1]);
    Tensor factor = BinaryOp.MUL.apply(inverse, FloatTensor.of(std, std.length));
    Tensor centre = BinaryOp.MUL.apply(BinaryOp.MUL.apply(bn.weight(), moments[0]), inverse);
    return ChannelScaleOp.MULTIPLY.apply(y, factor, SubOp.INSTANCE.apply(bn.bias(), centre));
  }

  /** {@code y + beta - k * (running_mean - b)}. */
  private static Tensor withRunning(Tensor y, FloatTensor bias, BatchNorm bn, Tensor k) {
    Tensor mean = bias == null ? bn.runningMean() : SubOp.INSTANCE.apply(bn.runningMean(), bias);
    Tensor shift = SubOp.INSTANCE.apply(bn.bias(), BinaryOp.MUL.apply(k, mean));
    return ChannelScaleOp.MULTIPLY.apply(y, FloatTensor.full(1f, bn.numFeatures()), shift);
  }
}
