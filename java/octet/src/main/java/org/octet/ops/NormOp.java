package org.octet.ops;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;

/**
 * Layer, group and instance normalisation: parts of the input less their mean, over the square root
 * of their biased variance plus eps, times weight plus bias. On float32, or on quint8 / qint8
 * tensors, whose results have parameters of their own.
 *
 * <p>Inputs: x; weight, bias (each may be null). Layer norm's parts are the last dimensions, and
 * weight and bias have their shape; the others take [N, C, ...] and weight and bias are [C].
 */
public final class NormOp extends Op {
  private final String name;
  private final Shape normalized;
  private final int groups;
  private final double eps;
  private final QParams output;

  private NormOp(String name, Shape normalized, int groups, double eps, QParams output) {
    this.name = name;
    this.normalized = normalized;
    this.groups = groups;
    this.eps = eps;
    this.output = output == null ? null : Checks.outputParams(name, output);
    if (!(eps >= 0)) {
      throw new OctetException(name + " got eps " + eps + "; expected a number of 0 or more.");
    }
  }

  /**
   * Over the last dimensions.
   *
   * @param normalized their sizes
   * @param output parameters of quantized results; null for float
   */
  public static NormOp layer(Shape normalized, double eps, QParams output) {
    if (normalized.rank() == 0 || normalized.numel() == 0) {
      throw new ShapeException(
          "layer_norm got the normalized shape " + normalized + "; expected one size or more.");
    }
    return new NormOp("layer_norm", normalized, 1, eps, output);
  }

  /**
   * Over groups of channels and all pixels.
   *
   * @param output parameters of quantized results; null for float
   */
  public static NormOp group(int groups, double eps, QParams output) {
    if (groups < 1) {
      throw new OctetException("group_norm got " + groups + " groups; expected 1 or more.");
    }
    return new NormOp("group_norm", null, groups, eps, output);
  }

  /**
   * Over all pixels of each channel.
   *
   * @param output parameters of quantized results; null for float
   */
  public static NormOp instance(double eps, QParams output) {
    return new NormOp("instance_norm", null, 0, eps, output);
  }

  @Override
  public String name() {
    return name;
  }

  /** What is added to the variance. */
  public double eps() {
    return eps;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    if (normalized != null) {
      m.put("normalized_shape", normalized);
    }
    if (groups > 0 && normalized == null) {
      m.put("num_groups", groups);
    }
    m.put("epsilon", eps);
    if (output != null) {
      m.put("output", output);
    }
    return m;
  }

  /** How an input falls into parts. */
  record Parts(int images, int pixels, int channels, int groups) {
    int length() {
      return pixels * (channels / groups);
    }

    int count() {
      return images * groups;
    }
  }

  Parts parts(Tensor x) {
    Checks.notEmpty(name, x);
    int rank = x.shape().rank();
    if (normalized != null) {
      int[] dims = x.shape().dims();
      int from = rank - normalized.rank();
      if (from < 0 || !Arrays.equals(Arrays.copyOfRange(dims, from, rank), normalized.dims())) {
        throw new ShapeException(
            "Op layer_norm got shape "
                + x.shape()
                + "; expected the last dimensions to be "
                + normalized
                + ".");
      }
      int n = (int) normalized.numel();
      return new Parts((int) (x.numel() / n), 1, n, 1);
    }
    if (rank < 2 || (groups == 0 && rank < 3)) {
      throw new ShapeException(
          "Op "
              + name
              + " got shape "
              + x.shape()
              + "; expected "
              + (groups == 0 ? "[N, C, L] or [N, C, H, W]." : "[N, C, ...]."));
    }
    int channels = x.size(1);
    int g = groups == 0 ? channels : groups;
    if (channels % g != 0) {
      throw new ShapeException(
          "Op group_norm got shape "
              + x.shape()
              + "; expected a number of channels that "
              + g
              + " groups divide.");
    }
    int pixels = (int) (x.numel() / x.size(0) / channels);
    return new Parts(x.size(0), pixels, channels, g);
  }

  private void checkParameter(Tensor x, Tensor p) {
    Shape expected = normalized != null ? normalized : Shape.of(x.size(1));
    if (p != null && !p.shape().equals(expected)) {
      throw new ShapeException(
          "Op "
              + name
              + " got shape "
              + x.shape()
              + " and a weight or bias of "
              + p.shape()
              + "; expected "
              + expected
              + ".");
    }
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Tensor x = in[0];
    parts(x);
    checkParameter(x, in[1]);
    checkParameter(x, in[2]);
    MemoryFormat format = inputFormat(0);
    if (output == null) {
      Checks.floatInput(name, x);
      return new Tensor[] {FloatTensor.ofSpec(x.shape(), format)};
    }
    QuantizedTensor q = Checks.quantizedInput(name, x);
    if (q.dtype() != output.dtype()) {
      throw new DTypeException(
          "Op "
              + name
              + " got a "
              + Checks.describe(q)
              + " but gives "
              + output
              + "; expected one dtype.");
    }
    return new Tensor[] {QuantizedTensor.ofSpec(q.shape(), format, output)};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return normalized != null ? MemoryFormat.CONTIGUOUS : MemoryFormat.CHANNELS_LAST;
  }

  @Override
  public int constantInputs() {
    return 2;
  }

  @Override
  public Lowering lower(Tensor... in) {
    Parts p = parts(in[0]);
    Attributes.Builder a = Attributes.builder();
    a.ints(output == null ? Attributes.F32 : Attributes.type(output.dtype()));
    a.ints(p.channels, p.groups).floats((float) eps);
    a.floats(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    if (output == null) {
      a.floats(1f).ints(0, 0, 0, 0);
    } else {
      QParams from = in[0].qparams();
      a.floats(from.scale()).ints(from.zeroPoint(), output.zeroPoint());
      a.ints(output.dtype().quantMin(), output.dtype().quantMax());
    }
    return new Lowering(
        OpKind.GROUP_NORM, a.build(), () -> constants(p, in[1], in[2]), p.images, p.pixels);
  }

  private List<Storage> constants(Parts p, Tensor weight, Tensor bias) {
    if (output == null) {
      return Arrays.asList(
          weight == null ? null : Constants.ofFloats(values(weight)),
          bias == null ? null : Constants.ofFloats(values(bias)));
    }
    // In units of the result's scale.
    float inverse = 1f / output.scale();
    float[] w = new float[p.channels];
    Arrays.fill(w, 1f);
    w = weight == null ? w : values(weight);
    float[] b = bias == null ? new float[p.channels] : values(bias);
    for (int c = 0; c < w.length; c++) {
      w[c] *= inverse;
      b[c] *= inverse;
    }
    return Arrays.asList(Constants.ofFloats(w), Constants.ofFloats(b));
  }

  private static float[] values(Tensor t) {
    return ((FloatTensor) t).toArray();
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    if (output != null) {
      return super.gradient(in, outputs, grads);
    }
    Tensor[] g = new NormGradOp(this).applyAll(grads[0], in[0], in[1]);
    return new Tensor[] {g[0], in[1] == null ? null : g[1], in[2] == null ? null : g[2]};
  }
}
