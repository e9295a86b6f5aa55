package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Gradient of {@link ConvOp} for its input (training). Inputs: gradient of y, weight. */
final class ConvInputGradOp extends Op {
  private final ConvGeometry geometry;
  private final Shape shape;

  ConvInputGradOp(ConvGeometry geometry, Shape shape) {
    this.geometry = geometry;
    this.shape = shape;
  }

  @Override
  public String name() {
    return "conv_input_grad";
  }

  @Override
  public Map<String, Object> attributes() {
    return geometry.attributes();
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    return new Tensor[] {FloatTensor.ofSpec(shape, MemoryFormat.CHANNELS_LAST)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    FloatTensor g = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
    FloatTensor dx = FloatTensor.empty(shape, MemoryFormat.CHANNELS_LAST);
    TransposedConv transposed = TransposedConv.of(geometry, (FloatTensor) in[1], g, dx);
    if (transposed != null && OnCores.isFast(context.backend())) {
      transposed.run(context.backend(), g, dx);
      return new Tensor[] {dx};
    }
    new ConvTraining(context.blas(), geometry, dx, g, (FloatTensor) in[1]).inputGrad(g, dx);
    return new Tensor[] {dx};
  }
}
