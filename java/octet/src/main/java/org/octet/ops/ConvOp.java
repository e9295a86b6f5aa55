package org.octet.ops;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Float convolution.
 *
 * <p>Inputs: x, weight, bias (may be null): [N, C, D, H, W] with weight [O, C/groups, KD, KH, KW],
 * [N, C, H, W] with weight [O, C/groups, KH, KW], or [N, C, L] with weight [O, C/groups, K]. Sums
 * run over (kz, ky, kx, c) with fma from +0, then the bias is added, then the activation clamps.
 */
public final class ConvOp extends Op {
  private final ConvGeometry geometry;
  private final Activation activation;

  /** A convolution with the given window. */
  public ConvOp(ConvGeometry geometry, Activation activation) {
    this.geometry = geometry;
    this.activation = activation;
  }

  @Override
  public String name() {
    return "conv";
  }

  /** The window. */
  public ConvGeometry geometry() {
    return geometry;
  }

  /** The clamp after the bias. */
  public Activation activation() {
    return activation;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new TreeMap<>(geometry.attributes());
    m.put("activation", activation);
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Shape out = ConvShapes.output(name(), geometry, in[0], in[1].shape(), in[2]);
    return new Tensor[] {FloatTensor.ofSpec(out, MemoryFormat.CHANNELS_LAST)};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CHANNELS_LAST;
  }

  @Override
  public int constantInputs() {
    return 2;
  }

  @Override
  public Lowering lower(Tensor... in) {
    return lower(geometry, activation, in);
  }

  /** Convolution and linear layer are one kind of operator. */
  static Lowering lower(ConvGeometry geometry, Activation activation, Tensor... in) {
    FloatTensor weight = (FloatTensor) in[1];
    FloatTensor bias = (FloatTensor) in[2];
    Attributes.Builder a =
        geometry
            .appendTo(
                Attributes.builder()
                    .ints((long) weight.size(1) * geometry.groups(), weight.size(0)))
            .floats(activation.lo(), activation.hi());
    return new Lowering(
        OpKind.CONV_F32,
        ConvShapes.depth(a, geometry, weight).build(),
        () ->
            Arrays.asList(
                Constants.channelsLast(weight),
                bias == null ? null : Constants.ofFloats(bias.toArray())),
        ConvShapes.dims(in[0], weight.shape()));
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (!context.recording()) {
      return super.execute(context, in);
    }
    Tensor spec = infer(in)[0];
    FloatTensor x = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
    FloatTensor y = FloatTensor.empty(spec.shape(), MemoryFormat.CHANNELS_LAST);
    if (OnCores.isFast(context.backend())) {
      OnCores.runByImage(context.backend(), lower(x, in[1], in[2]), x, y);
      return new Tensor[] {y};
    }
    new ConvTraining(context.blas(), geometry, x, y, (FloatTensor) in[1]).forward(x, y, in[2]);
    return ConvTraining.activate(context, activation, y);
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Tensor g = UnaryGradOp.throughActivation(activation, grads[0], outputs[0]);
    Interpreter current = Interpreter.current();
    return new Tensor[] {
      current.needsGradient(in[0])
          ? new ConvInputGradOp(geometry, in[0].shape()).apply(g, in[1])
          : null,
      current.needsGradient(in[1])
          ? new ConvWeightGradOp(geometry, in[1].shape()).apply(g, in[0])
          : null,
      in[2] == null ? null : new ChannelSumOp(false).apply(g)
    };
  }
}
