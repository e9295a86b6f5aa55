package org.octet.nn.quantized;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * What the quantized normalisations share. State: weight, bias (float32, each may be absent),
 * scale, zero_point.
 */
public abstract class QuantizedNorm extends QuantizedOpModule {
  private final Key weight;
  private final Key bias;

  QuantizedNorm(FloatTensor weight, FloatTensor bias, QParams output) {
    super(output);
    // Copies: the float model's own may go on being trained.
    this.weight = buffer("weight", weight == null ? null : weight.copy());
    this.bias = buffer("bias", bias == null ? null : bias.copy());
  }

  /** The scale, or null. */
  public final FloatTensor weight() {
    return get(weight);
  }

  /** The shift, or null. */
  public final FloatTensor bias() {
    return get(bias);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op().apply(in[0], weight(), bias());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + output() + ")";
  }
}
