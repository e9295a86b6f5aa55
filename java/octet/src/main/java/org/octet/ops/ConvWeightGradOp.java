package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Gradient of {@link ConvOp} for its weight (training). Inputs: gradient of y, x. */
final class ConvWeightGradOp extends Op {
  private final ConvGeometry geometry;
  private final Shape shape;

  ConvWeightGradOp(ConvGeometry geometry, Shape shape) {
    this.geometry = geometry;
    this.shape = shape;
  }

  @Override
  public String name() {
    return "conv_weight_grad";
  }

  @Override
  public Map<String, Object> attributes() {
    return geometry.attributes();
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    return new Tensor[] {FloatTensor.ofSpec(shape, MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    FloatTensor g = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
    FloatTensor x = Rows.dense(in[1], MemoryFormat.CHANNELS_LAST);
    return new Tensor[] {
      new ConvTraining(context.blas(), geometry, x, g, null).weightGrad(g, x, shape)
    };
  }
}
