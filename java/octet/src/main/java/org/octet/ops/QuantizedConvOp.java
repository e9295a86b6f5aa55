package org.octet.ops;

import java.util.Map;
import java.util.TreeMap;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * 8-bit convolution of one to three dimensions.
 *
 * <p>Inputs: x quint8 or qint8 [N, C, D, H, W] with weight qint8 [O, C/groups, KD, KH, KW], [N, C,
 * H, W] with weight [O, C/groups, KH, KW], or [N, C, L] with weight [O, C/groups, K]; bias float32
 * [O] or null. The weight is quantized per tensor or along axis 0, with any zero point. Padding is
 * real zero. Result: {@code clamp(rint((float) (sum (x - zx) * (w - zw) + bias32) * multiplier) +
 * zero point)}, where {@code k = s_in * s_w[c]}, {@code bias32 = rint(bias * (1f / k))} and {@code
 * multiplier = k / s_out} in float32.
 */
public final class QuantizedConvOp extends Op {
  private final ConvGeometry geometry;
  private final QParams output;
  private final Activation activation;

  /**
   * A convolution with the given window and result.
   *
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizedConvOp(ConvGeometry geometry, QParams output, Activation activation) {
    this.geometry = geometry;
    this.output = Checks.outputParams("quantized_conv", output);
    this.activation = activation;
  }

  @Override
  public String name() {
    return "quantized_conv";
  }

  /** The window. */
  public ConvGeometry geometry() {
    return geometry;
  }

  /** Parameters of the result. */
  public QParams output() {
    return output;
  }

  /** The clamp of the result. */
  public Activation activation() {
    return activation;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new TreeMap<>(geometry.attributes());
    m.put("output", output);
    m.put("activation", activation);
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.quantizedInput(name(), in[0]);
    Checks.quantizedWeight(name(), in[1]);
    Shape out = ConvShapes.output(name(), geometry, in[0], in[1].shape(), in[2]);
    return new Tensor[] {QuantizedTensor.ofSpec(out, MemoryFormat.CHANNELS_LAST, output)};
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
    return lower(geometry, output, activation, in);
  }

  /** Convolution and linear layer are one kind of operator. */
  static Lowering lower(
      ConvGeometry geometry, QParams output, Activation activation, Tensor... in) {
    QParams input = in[0].qparams();
    QuantizedTensor weight = (QuantizedTensor) in[1];
    FloatTensor bias = (FloatTensor) in[2];
    CodeRange range = CodeRange.of(output, activation);
    Attributes.Builder a =
        geometry
            .appendTo(
                Attributes.builder()
                    .ints(Attributes.type(input.dtype()), Attributes.type(output.dtype()))
                    .ints((long) weight.size(1) * geometry.groups(), weight.size(0)))
            .ints(input.zeroPoint(), output.zeroPoint(), range.min(), range.max());
    return new Lowering(
        OpKind.CONV_Q8,
        ConvShapes.depth(a, geometry, weight).build(),
        () -> QuantizedWeights.of(weight, bias, input, output).convolution(),
        ConvShapes.dims(in[0], weight.shape()));
  }
}
