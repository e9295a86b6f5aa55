package org.octet.nn.quantized;

import org.octet.nn.BatchNorm;
import org.octet.ops.Activation;
import org.octet.ops.Op;
import org.octet.ops.QuantizedBatchNormOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * Batch norm of 8-bit codes with the running statistics. State: weight, bias (each may be absent),
 * running_mean, running_var, scale, zero_point.
 */
public abstract class QuantizedBatchNorm extends QuantizedOpModule {
  private final Key weight;
  private final Key bias;
  private final Key runningMean;
  private final Key runningVar;
  private final double eps;
  private final Activation activation;

  /**
   * A normalisation with copies of a float module's tensors.
   *
   * @param output parameters of the result, quint8 or qint8 as the input, per tensor
   */
  protected QuantizedBatchNorm(BatchNorm bn, QParams output, Activation activation) {
    super(output);
    weight = buffer("weight", copy(bn.weight()));
    bias = buffer("bias", copy(bn.bias()));
    runningMean = buffer("running_mean", copy(bn.runningMean()));
    runningVar = buffer("running_var", copy(bn.runningVar()));
    eps = bn.eps();
    this.activation = activation;
  }

  private static FloatTensor copy(FloatTensor t) {
    return t == null ? null : t.copy();
  }

  @Override
  final Op makeOp(QParams output) {
    return new QuantizedBatchNormOp(eps, output, activation);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op().apply(in[0], get(weight), get(bias), get(runningMean), get(runningVar));
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + output() + ")";
  }
}
