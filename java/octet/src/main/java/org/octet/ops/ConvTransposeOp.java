package org.octet.ops;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Float transposed convolution.
 *
 * <p>Inputs: x, weight, bias (may be null): [N, C, D, H, W] with weight [C, O/groups, KD, KH, KW],
 * [N, C, H, W] with weight [C, O/groups, KH, KW], or [N, C, L] with weight [C, O/groups, K]. Sums
 * run over (kz, ky, kx, c) of the mirrored kernel with fma from +0, then the bias is added, then
 * the activation clamps.
 */
public final class ConvTransposeOp extends Op {
  private final TransposedGeometry geometry;
  private final Activation activation;

  /** A transposed convolution with the given window. */
  public ConvTransposeOp(TransposedGeometry geometry, Activation activation) {
    this.geometry = geometry;
    this.activation = activation;
  }

  @Override
  public String name() {
    return "conv_transpose";
  }

  /** The window. */
  public TransposedGeometry geometry() {
    return geometry;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = geometry.attributes();
    m.put("activation", activation);
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Shape out = geometry.output(name(), in[0], in[1].shape(), in[2]);
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
    FloatTensor weight = (FloatTensor) in[1];
    FloatTensor bias = (FloatTensor) in[2];
    int outputs = weight.size(1) * geometry.conv().groups();
    Attributes.Builder a =
        geometry
            .mirrored()
            .appendTo(Attributes.builder().ints(weight.size(0), outputs))
            .floats(activation.lo(), activation.hi());
    return new Lowering(
        OpKind.CONV_F32,
        geometry.appendTo(a).build(),
        () ->
            Arrays.asList(
                Constants.channelsLast(geometry.mirrored(weight)),
                bias == null ? null : Constants.ofFloats(bias.toArray())),
        TransposedGeometry.dims(in[0]));
  }

  /** While a tape records: the gradient of the convolution for its input, then the bias. */
  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (!context.recording()) {
      return super.execute(context, in);
    }
    Tensor spec = infer(in)[0];
    FloatTensor x = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
    FloatTensor y = FloatTensor.empty(spec.shape(), MemoryFormat.CHANNELS_LAST);
    new ConvTraining(context.blas(), geometry.conv(), y, x, (FloatTensor) in[1]).inputGrad(x, y);
    if (in[2] != null) {
      float[] bias = ((FloatTensor) in[2]).toArray();
      FloatBuffer to = y.borrow();
      for (int i = 0; i < to.limit(); i++) {
        to.put(i, to.get(i) + bias[i % bias.length]);
      }
    }
    return ConvTraining.activate(context, activation, y);
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Tensor g = UnaryGradOp.throughActivation(activation, grads[0], outputs[0]);
    Interpreter current = Interpreter.current();
    ConvGeometry conv = geometry.conv();
    return new Tensor[] {
      current.needsGradient(in[0]) ? new ConvOp(conv, Activation.NONE).apply(g, in[1], null) : null,
      current.needsGradient(in[1])
          ? new ConvWeightGradOp(conv, in[1].shape()).apply(in[0], g)
          : null,
      in[2] == null ? null : new ChannelSumOp(false).apply(g)
    };
  }
}
