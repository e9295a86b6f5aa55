package org.octet.ops;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;

/**
 * Batch normalisation of 8-bit codes with given statistics: {@code rint((q - z_in) * alpha[c] +
 * beta[c]) + z} with {@code alpha = weight / sqrt(var + eps) * s_in / s} and {@code beta = (bias -
 * mean * weight / sqrt(var + eps)) / s}, which are computed in double and rounded once.
 *
 * <p>Inputs: x [N, C] or [N, C, ...], quint8 or qint8; weight, bias (each may be null), mean, var,
 * all [C].
 */
public final class QuantizedBatchNormOp extends Op {
  private final double eps;
  private final QParams output;
  private final Activation activation;

  /**
   * A normalisation, then a clamp.
   *
   * @param output parameters of the result, quint8 or qint8 as the input, per tensor
   */
  public QuantizedBatchNormOp(double eps, QParams output, Activation activation) {
    this.eps = eps;
    this.output = Checks.outputParams("quantized_batch_norm", output);
    this.activation = activation;
  }

  @Override
  public String name() {
    return "quantized_batch_norm";
  }

  /** What is added to the variance. */
  public double eps() {
    return eps;
  }

  /** Parameters of the result. */
  public QParams output() {
    return output;
  }

  /** The clamp after the normalisation. */
  public Activation activation() {
    return activation;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("epsilon", eps);
    m.put("output", output);
    m.put("activation", activation);
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    QuantizedTensor x = Checks.quantizedInput(name(), in[0]);
    Checks.keepsType(name(), x, output);
    BatchNormOp.checkShapes(name(), x, in[1], in[2], in[3], in[4]);
    return new Tensor[] {QuantizedTensor.ofSpec(x.shape(), MemoryFormat.CHANNELS_LAST, output)};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CHANNELS_LAST;
  }

  @Override
  public int constantInputs() {
    return 4;
  }

  @Override
  public Lowering lower(Tensor... in) {
    QParams from = in[0].qparams();
    int channels = in[0].size(1);
    CodeRange range = CodeRange.of(output, activation);
    Attributes a =
        Attributes.builder()
            .ints(Attributes.type(output.dtype()), channels, from.zeroPoint(), output.zeroPoint())
            .ints(range.min(), range.max())
            .build();
    return new Lowering(
        OpKind.AFFINE_Q8,
        a,
        () -> constants(from, in[1], in[2], in[3], in[4]),
        (int) (in[0].numel() / channels));
  }

  private List<Storage> constants(
      QParams from, Tensor weight, Tensor bias, Tensor mean, Tensor var) {
    float[] m = ((FloatTensor) mean).toArray();
    float[] v = ((FloatTensor) var).toArray();
    float[] w = weight == null ? null : ((FloatTensor) weight).toArray();
    float[] b = bias == null ? null : ((FloatTensor) bias).toArray();
    float[] alpha = new float[m.length];
    float[] beta = new float[m.length];
    double scale = output.scale();
    for (int c = 0; c < m.length; c++) {
      double a = (w == null ? 1 : w[c]) / Math.sqrt(v[c] + eps);
      alpha[c] = (float) (a * from.scale() / scale);
      beta[c] = (float) (((b == null ? 0 : b[c]) - m[c] * a) / scale);
    }
    return Arrays.asList(Constants.ofFloats(alpha), Constants.ofFloats(beta));
  }
}
