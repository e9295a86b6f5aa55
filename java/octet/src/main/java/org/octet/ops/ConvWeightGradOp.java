package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.Backend;
import org.octet.backend.OpKind;
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
    if (OnCores.isFast(context.backend()) && x.shape().rank() == 4) {
      return new Tensor[] {onBackend(context.backend(), x, g)};
    }
    return new Tensor[] {
      new ConvTraining(context.blas(), geometry, x, g, null).weightGrad(g, x, shape)
    };
  }

  private FloatTensor onBackend(Backend backend, FloatTensor x, FloatTensor g) {
    Attributes a = geometry.appendTo(Attributes.builder().ints(x.size(1), g.size(1))).build();
    int inputs = shape.dim(1);
    int taps = shape.dim(2) * shape.dim(3);
    float[] sums =
        OnCores.sumByImage(
            backend,
            Lowering.of(OpKind.CONV_WEIGHT_GRAD, a, x.size(0), x.size(2), x.size(3)),
            (int) shape.numel(),
            x,
            g);
    float[] weights = new float[sums.length];
    for (int i = 0; i < weights.length; i++) {
      int o = i / (taps * inputs);
      weights[i] = sums[(o * taps + i % taps) * inputs + i / taps % inputs];
    }
    return FloatTensor.of(weights, shape.dims());
  }
}
