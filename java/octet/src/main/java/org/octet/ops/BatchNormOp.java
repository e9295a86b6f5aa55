package org.octet.ops;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Batch normalisation with given statistics (evaluation): {@code y = x * alpha + beta} with {@code
 * alpha = weight / sqrt(var + eps)} and {@code beta = bias - mean * alpha}, which are computed in
 * double and rounded once.
 *
 * <p>Inputs: x [N, C] or [N, C, ...] with 1 to 3 more dimensions; weight, bias (each may be null),
 * mean, var, all [C].
 */
public final class BatchNormOp extends Op {
  private final double eps;
  private final Activation activation;

  /** Normalisation, then a clamp. */
  public BatchNormOp(double eps, Activation activation) {
    this.eps = eps;
    this.activation = activation;
  }

  @Override
  public String name() {
    return "batch_norm";
  }

  /** What is added to the variance. */
  public double eps() {
    return eps;
  }

  /** The clamp after the normalisation. */
  public Activation activation() {
    return activation;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("epsilon", eps);
    m.put("activation", activation);
    return m;
  }

  /** Checks x and the parameters, of which each may be null. */
  static void check(String op, Tensor x, Tensor... parameters) {
    Checks.floatInput(op, x);
    checkShapes(op, x, parameters);
  }

  /** As {@link #check}, of any dtype. */
  static void checkShapes(String op, Tensor x, Tensor... parameters) {
    Checks.notEmpty(op, x);
    int rank = x.shape().rank();
    if (rank < 2 || rank > 5) {
      throw new ShapeException(
          "Op "
              + op
              + " got shape "
              + x.shape()
              + "; expected [N, C], or [N, C, ...] with 1 to 3 more dimensions.");
    }
    for (Tensor p : parameters) {
      if (p != null && !p.shape().equals(Shape.of(x.size(1)))) {
        throw new ShapeException(
            "Op "
                + op
                + " got "
                + x.size(1)
                + " channels in dimension 1 of "
                + x.shape()
                + "; expected "
                + p.size(0)
                + ", as its parameters have.");
      }
    }
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    check(name(), in[0], in[1], in[2], in[3], in[4]);
    return new Tensor[] {FloatTensor.ofSpec(in[0].shape(), MemoryFormat.CHANNELS_LAST)};
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
    int channels = in[0].size(1);
    Attributes a =
        Attributes.builder().ints(channels).floats(activation.lo(), activation.hi()).build();
    return new Lowering(
        OpKind.AFFINE_F32,
        a,
        () -> {
          float[][] p = affine(in[1], in[2], in[3], in[4]);
          return Arrays.asList(Constants.ofFloats(p[0]), Constants.ofFloats(p[1]));
        },
        (int) (in[0].numel() / channels));
  }

  /** {alpha, beta}. */
  private float[][] affine(Tensor weight, Tensor bias, Tensor mean, Tensor var) {
    float[] m = ((FloatTensor) mean).toArray();
    float[] v = ((FloatTensor) var).toArray();
    float[] w = weight == null ? null : ((FloatTensor) weight).toArray();
    float[] b = bias == null ? null : ((FloatTensor) bias).toArray();
    float[] alpha = new float[m.length];
    float[] beta = new float[m.length];
    for (int c = 0; c < m.length; c++) {
      double a = (w == null ? 1 : w[c]) / Math.sqrt(v[c] + eps);
      alpha[c] = (float) a;
      beta[c] = (float) ((b == null ? 0 : b[c]) - m[c] * a);
    }
    return new float[][] {alpha, beta};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (!context.recording()) {
      return super.execute(context, in);
    }
    infer(in);
    FloatTensor x = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
    FloatTensor y = FloatTensor.empty(x.shape(), MemoryFormat.CHANNELS_LAST);
    float[][] p = affine(in[1], in[2], in[3], in[4]);
    BatchNormTrainingOp.affine(y, x, p[0], p[1]);
    if (activation == Activation.NONE) {
      return new Tensor[] {y};
    }
    UnaryOp clamp = activation == Activation.RELU ? UnaryOp.RELU : UnaryOp.RELU6;
    return clamp.execute(context, y);
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Tensor grad = UnaryGradOp.throughActivation(activation, grads[0], outputs[0]);
    Tensor[] g = new BatchNormGradOp(eps, false).applyAll(grad, in[0], in[1], in[3], in[4]);
    return new Tensor[] {
      g[0], in[1] == null ? null : g[1], in[2] == null ? null : g[2], null, null
    };
  }
}
