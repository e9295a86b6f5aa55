package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * 8-bit transposed convolution of one to three dimensions.
 *
 * <p>Inputs: x quint8 or qint8 [N, C, D, H, W], [N, C, H, W] or [N, C, L]; weight qint8 [C,
 * O/groups, kernel...], quantized per tensor or along axis 1, with any zero point; bias float32 [O]
 * or null. The numbers are those of {@link QuantizedConvOp}.
 */
public final class QuantizedConvTransposeOp extends Op {
  private final TransposedGeometry geometry;
  private final QParams output;
  private final Activation activation;

  /**
   * A transposed convolution with the given window and result.
   *
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizedConvTransposeOp(
      TransposedGeometry geometry, QParams output, Activation activation) {
    this.geometry = geometry;
    this.output = Checks.outputParams("quantized_conv_transpose", output);
    this.activation = activation;
  }

  @Override
  public String name() {
    return "quantized_conv_transpose";
  }

  /** The window. */
  public TransposedGeometry geometry() {
    return geometry;
  }

  /** Parameters of the result. */
  public QParams output() {
    return output;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = geometry.attributes();
    m.put("output", output);
    m.put("activation", activation);
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.quantizedInput(name(), in[0]);
    if (!(in[1] instanceof QuantizedTensor w) || w.dtype() != DType.QINT8) {
      throw new DTypeException(
          "Op "
              + name()
              + " got a weight that is a "
              + Checks.describe(in[1])
              + "; expected qint8. Give {module} a weight observer of dtype qint8.");
    }
    if (w.qparams().isPerChannel() && w.qparams().axis() != 1) {
      throw new QParamsException(
          "Op "
              + name()
              + " got a weight "
              + w.shape()
              + " quantized along axis "
              + w.qparams().axis()
              + "; expected axis 1, the output channels.");
    }
    Shape out = geometry.output(name(), in[0], in[1].shape(), in[2]);
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
    QParams input = in[0].qparams();
    QuantizedTensor weight = (QuantizedTensor) in[1];
    FloatTensor bias = (FloatTensor) in[2];
    CodeRange range = CodeRange.of(output, activation);
    int outputs = weight.size(1) * geometry.conv().groups();
    Attributes.Builder a =
        geometry
            .mirrored()
            .appendTo(
                Attributes.builder()
                    .ints(Attributes.type(input.dtype()), Attributes.type(output.dtype()))
                    .ints(weight.size(0), outputs))
            .ints(input.zeroPoint(), output.zeroPoint(), range.min(), range.max());
    return new Lowering(
        OpKind.CONV_Q8,
        geometry.appendTo(a).build(),
        () -> {
          QuantizedTensor mirrored = geometry.mirrored(weight);
          return QuantizedWeights.of(mirrored, bias, input, output).convolution();
        },
        TransposedGeometry.dims(in[0]));
  }
}
