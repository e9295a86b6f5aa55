package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.Fp;
import org.octet.backend.OpKind;
import org.octet.tensor.Codes;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * A function of each element, on float32 or on quint8 / qint8 tensors of any shape.
 *
 * <p>On codes it is a table of 256 entries: relu, relu6 and clamp bound the codes and keep the
 * input's parameters; sigmoid, tanh and hardsigmoid dequantize, apply the function and quantize
 * with the fixed parameters of PyTorch ({@link #outputQParams}); the others do so with the
 * parameters that they were given, else with the input's.
 */
public final class UnaryOp extends Op {
  /** The functions. */
  public enum Function {
    /** max(x, 0). */
    RELU(0),
    /** min(max(x, 0), 6). */
    RELU6(0),
    /** min(max(x, lo), hi). */
    CLAMP(0),
    /** x * relu6(x + 3) / 6. */
    HARDSWISH(1),
    /** 1 / (1 + e^-x). */
    SIGMOID(2),
    /** Hyperbolic tangent. */
    TANH(3),
    /** relu6(x + 3) / 6. */
    HARDSIGMOID(4),
    /** x * Phi(x), Phi being the normal distribution. */
    GELU(5),
    /** GELU's approximation by a hyperbolic tangent. */
    GELU_TANH(6),
    /** x > 0 ? x : alpha * (e^x - 1). */
    ELU(7),
    /** x > 0 ? x : alpha * (e^(x / alpha) - 1). */
    CELU(7),
    /** x > 0 ? x : negative_slope * x. */
    LEAKY_RELU(8),
    /** x > threshold ? x : value. */
    THRESHOLD(9);

    private final int number;

    Function(int number) {
      this.number = number;
    }

    private boolean clamps() {
      return number == 0;
    }
  }

  /** max(x, 0). */
  public static final UnaryOp RELU = bounds(Function.RELU, 0f, Float.POSITIVE_INFINITY);

  /** min(max(x, 0), 6). */
  public static final UnaryOp RELU6 = bounds(Function.RELU6, 0f, 6f);

  /** Hardswish that keeps a quantized input's parameters. */
  public static final UnaryOp HARDSWISH = of(Function.HARDSWISH, null);

  /** Sigmoid. */
  public static final UnaryOp SIGMOID = of(Function.SIGMOID, null);

  /** Hyperbolic tangent. */
  public static final UnaryOp TANH = of(Function.TANH, null);

  /** Hardsigmoid. */
  public static final UnaryOp HARDSIGMOID = of(Function.HARDSIGMOID, null);

  /** GELU that keeps a quantized input's parameters. */
  public static final UnaryOp GELU = of(Function.GELU, null);

  /** The approximation of GELU by a hyperbolic tangent, keeping a quantized input's parameters. */
  public static final UnaryOp GELU_TANH = of(Function.GELU_TANH, null);

  private final Function function;
  private final float lo;
  private final float hi;
  private final float alpha;
  private final float beta;
  private final QParams output;

  private UnaryOp(Function function, float lo, float hi, float alpha, float beta, QParams output) {
    this.function = function;
    this.lo = lo;
    this.hi = hi;
    this.alpha = alpha;
    this.beta = beta;
    this.output = output;
  }

  private static UnaryOp bounds(Function function, float lo, float hi) {
    return new UnaryOp(function, lo, hi, 0f, 0f, null);
  }

  private static UnaryOp of(Function function, QParams output) {
    return of(function, 0f, 0f, output);
  }

  private static UnaryOp of(Function function, float alpha, float beta, QParams output) {
    if (Float.isNaN(alpha) || !Float.isFinite(beta)) {
      throw new OctetException(
          function.name().toLowerCase(Locale.ROOT)
              + " got the parameters "
              + alpha
              + " and "
              + beta
              + "; expected numbers.");
    }
    return new UnaryOp(
        function, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, alpha, beta, output);
  }

  /**
   * min(max(x, lo), hi), also known as hardtanh.
   *
   * @throws OctetException unless {@code lo <= hi}
   */
  public static UnaryOp clamp(float lo, float hi) {
    if (!(lo <= hi)) {
      throw new OctetException(
          "clamp got bounds " + lo + " and " + hi + "; expected the lower one first, and no NaN.");
    }
    return bounds(Function.CLAMP, lo, hi);
  }

  /** Hardswish whose quantized results have the given parameters; null keeps the input's. */
  public static UnaryOp hardswish(QParams output) {
    return of(Function.HARDSWISH, output);
  }

  /** Sigmoid whose quantized results have the given parameters; null means PyTorch's 1/256. */
  public static UnaryOp sigmoid(QParams output) {
    return of(Function.SIGMOID, output);
  }

  /** ELU; null as {@code output} keeps a quantized input's parameters, here and below. */
  public static UnaryOp elu(float alpha, QParams output) {
    return of(Function.ELU, alpha, 1f, output);
  }

  /**
   * CELU.
   *
   * @throws OctetException if {@code alpha} is 0 or so small that 1 / alpha overflows
   */
  public static UnaryOp celu(float alpha, QParams output) {
    return of(Function.CELU, alpha, 1f / alpha, output);
  }

  /** Leaky relu. */
  public static UnaryOp leakyRelu(float negativeSlope, QParams output) {
    return of(Function.LEAKY_RELU, negativeSlope, 0f, output);
  }

  /**
   * {@code x > threshold ? x : value}; NaN stays. Quantized results keep the input's parameters.
   */
  public static UnaryOp threshold(float threshold, float value) {
    return of(Function.THRESHOLD, threshold, value, null);
  }

  /** The function. */
  public Function function() {
    return function;
  }

  /** Lower bound of relu, relu6 and clamp; -inf for the others. */
  public float lo() {
    return lo;
  }

  /** Upper bound of relu6 and clamp; +inf for the others. */
  public float hi() {
    return hi;
  }

  /** alpha, the negative slope, or the threshold; 0 for functions without. */
  public float alpha() {
    return alpha;
  }

  @Override
  public String name() {
    return function.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    if (function == Function.CLAMP) {
      m.put("min", lo);
      m.put("max", hi);
    }
    switch (function) {
      case ELU, CELU -> m.put("alpha", alpha);
      case LEAKY_RELU -> m.put("negative_slope", alpha);
      case THRESHOLD -> {
        m.put("threshold", alpha);
        m.put("value", beta);
      }
      default -> {}
    }
    if (output != null) {
      m.put("output", output);
    }
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Tensor x = in[0];
    Checks.notEmpty(name(), x);
    if (x instanceof FloatTensor) {
      return new Tensor[] {FloatTensor.ofSpec(x.shape(), x.format())};
    }
    QuantizedTensor q = Checks.quantizedInput(name(), x);
    return new Tensor[] {QuantizedTensor.ofSpec(q.shape(), q.format(), outputQParams(q.qparams()))};
  }

  /** Parameters of the result for a quantized input. */
  public QParams outputQParams(QParams input) {
    boolean signed = input.dtype() == DType.QINT8;
    if (output != null) {
      if (output.dtype() != input.dtype()) {
        throw new OctetException(
            "Op "
                + name()
                + " has output parameters "
                + output
                + " but got "
                + input
                + "; expected one dtype.");
      }
      return output;
    }
    return switch (function) {
      case SIGMOID, HARDSIGMOID -> QParams.perTensor(1.0 / 256, signed ? -128 : 0, input.dtype());
      case TANH -> QParams.perTensor(2.0 / 256, signed ? 0 : 128, input.dtype());
      default -> input;
    };
  }

  @Override
  public Lowering lower(Tensor... in) {
    int count = (int) in[0].numel();
    if (in[0] instanceof FloatTensor) {
      return Lowering.of(
          OpKind.UNARY_F32,
          Attributes.builder().ints(function.number).floats(lo, hi, alpha, beta).build(),
          count);
    }
    QParams from = in[0].qparams();
    return new Lowering(
        OpKind.LUT_Q8,
        Attributes.builder().build(),
        () -> List.of(Constants.ofBytes(table(from, outputQParams(from)))),
        count);
  }

  /** The result's code for each byte of the input. */
  private byte[] table(QParams from, QParams to) {
    int qmin = from.dtype().quantMin();
    int qmax = from.dtype().quantMax();
    float inverse = 1f / to.scale();
    byte[] table = new byte[256];
    for (int q = qmin; q <= qmax; q++) {
      int code;
      if (function.clamps()) {
        // A bound is quantized, not the clamped value: so that codes inside stay what they are.
        float scale = 1f / from.scale();
        int low = Codes.quantize(lo, scale, from.zeroPoint(), qmin, qmax);
        int high = Codes.quantize(hi, scale, from.zeroPoint(), qmin, qmax);
        code = Math.min(Math.max(q, low), high);
      } else {
        float y = value(Codes.dequantize(q, from.scale(), from.zeroPoint()));
        code = Codes.quantize(y, inverse, to.zeroPoint(), qmin, qmax);
      }
      table[q & 0xff] = (byte) code;
    }
    return table;
  }

  /** The function of one value. */
  float value(float x) {
    return switch (function) {
      case RELU, RELU6, CLAMP -> Fp.clamp(x, lo, hi);
      case HARDSWISH -> Fp.hardswish(x);
      case SIGMOID -> Fp.sigmoid(x);
      case TANH -> Fp.tanh(x);
      case HARDSIGMOID -> Fp.hardsigmoid(x);
      case GELU -> Fp.gelu(x);
      case GELU_TANH -> Fp.geluTanh(x);
      case ELU, CELU -> Fp.elu(x, alpha, beta);
      case LEAKY_RELU -> x > 0 ? x : x * alpha;
      case THRESHOLD -> x > alpha || x != x ? x : beta;
    };
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (!context.recording() || !(in[0] instanceof FloatTensor)) {
      return super.execute(context, in);
    }
    infer(in);
    FloatTensor x = Rows.dense(in[0], in[0].format());
    FloatTensor y = FloatTensor.empty(x.shape(), x.format());
    Rows.map(y, 1, function == Function.RELU ? UnaryOp::relu : this::values, x);
    return new Tensor[] {y};
  }

  private static void relu(float[][] in, float[] out, int n) {
    float[] x = in[0];
    for (int i = 0; i < n; i++) {
      out[i] = Math.max(x[i], 0f);
    }
  }

  private void values(float[][] in, float[] out, int n) {
    float[] x = in[0];
    for (int i = 0; i < n; i++) {
      out[i] = value(x[i]);
    }
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {new UnaryGradOp(this).apply(grads[0], inputs[0])};
  }
}
