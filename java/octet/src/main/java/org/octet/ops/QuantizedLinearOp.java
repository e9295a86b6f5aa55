package org.octet.ops;

import java.util.Map;
import org.octet.tensor.DTypeException;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * 8-bit linear layer over the last dimension. Inputs: x quint8 or qint8 [..., K], weight qint8 [N,
 * K] per tensor or along axis 0, bias float32 [N] or null. Numbers as {@link QuantizedConvOp}.
 */
public final class QuantizedLinearOp extends Op {
  private final QParams output;
  private final Activation activation;

  /**
   * A linear layer with the given result.
   *
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizedLinearOp(QParams output, Activation activation) {
    this.output = Checks.outputParams("quantized_linear", output);
    this.activation = activation;
  }

  @Override
  public String name() {
    return "quantized_linear";
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
    return Map.of("output", output, "activation", activation);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.quantizedInput(name(), in[0]);
    Checks.quantizedWeight(name(), in[1]);
    Shape out = ConvShapes.output(name(), ConvGeometry.POINT, in[0], in[1].shape(), in[2]);
    return new Tensor[] {QuantizedTensor.ofSpec(out, MemoryFormat.CONTIGUOUS, output)};
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
    return QuantizedConvOp.lower(ConvGeometry.POINT, output, activation, in);
  }
}
