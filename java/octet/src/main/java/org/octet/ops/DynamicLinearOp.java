package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Linear layer over the last dimension with qint8 weights and float32 in and out: the input is
 * quantized to quint8 with parameters chosen from its own minimum and maximum at every call.
 *
 * <p>Inputs: x float32 [..., K], weight qint8 [N, K] per tensor or along axis 0, bias float32 [N]
 * or null. Result: {@code acc * (x_scale * weight_scale) + bias}, then the activation.
 */
public final class DynamicLinearOp extends Op {
  /** What shares one scale and zero point. */
  public enum Granularity {
    /** The whole input, as PyTorch. */
    PER_TENSOR,
    /**
     * Each row of K values (each token): more accurate, and a row's result does not depend on the
     * rest of the batch.
     */
    PER_ROW
  }

  private final boolean reduceRange;
  private final Granularity granularity;
  private final Activation activation;

  /**
   * A dynamic linear layer.
   *
   * @param reduceRange codes 0..127 instead of 0..255, as PyTorch's x86 engine uses them
   */
  public DynamicLinearOp(boolean reduceRange, Granularity granularity, Activation activation) {
    this.reduceRange = reduceRange;
    this.granularity = granularity;
    this.activation = activation;
  }

  @Override
  public String name() {
    return "linear_dynamic";
  }

  /** Whether codes are 0..127. */
  public boolean reduceRange() {
    return reduceRange;
  }

  /** What shares one scale and zero point. */
  public Granularity granularity() {
    return granularity;
  }

  /** The clamp after the bias. */
  public Activation activation() {
    return activation;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of(
        "reduce_range", reduceRange, "granularity", granularity, "activation", activation);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.quantizedWeight(name(), in[1]);
    Shape out = ConvShapes.output(name(), ConvGeometry.POINT, in[0], in[1].shape(), in[2]);
    return new Tensor[] {FloatTensor.ofSpec(out, MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CONTIGUOUS;
  }

  @Override
  public int constantInputs() {
    return 2;
  }

  @Override
  public Lowering lower(Tensor... in) {
    QuantizedTensor weight = (QuantizedTensor) in[1];
    FloatTensor bias = (FloatTensor) in[2];
    int k = weight.size(1);
    Attributes a =
        Attributes.builder()
            .ints(
                k, weight.size(0), reduceRange ? 1 : 0, granularity == Granularity.PER_ROW ? 1 : 0)
            .floats(activation.lo(), activation.hi())
            .build();
    return new Lowering(
        OpKind.LINEAR_DYNAMIC_Q8,
        a,
        () -> QuantizedWeights.ofDynamic(weight).dynamicLinear(bias),
        Math.toIntExact(in[0].numel() / k));
  }
}
