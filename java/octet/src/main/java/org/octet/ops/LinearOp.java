package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Float linear layer: y = x W^T + b over the last dimension. Inputs: x [..., K], weight [N, K], bias [N] or null. */
public final class LinearOp extends Op {
  private final Activation activation;

  /** A linear layer with a clamp after the bias. */
  public LinearOp(Activation activation) {
    this.activation = activation;
  }

  @Override
  public String name() {
    return "linear";
  }

  /** The clamp after the bias. */
  public Activation activation() {
    return activation;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("activation", activation);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
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
    return ConvOp.lower(ConvGeometry.POINT, activation, in);
  }
}
