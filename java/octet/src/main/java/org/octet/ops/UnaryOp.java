package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.List;
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
 * with the fixed parameters of PyTorch ({@link #outputQParams}); hardswish does so with the
 * parameters that it was given, else with the input's.
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
    HARDSIGMOID(4);

    private final int number;

    Function(int number) {
      this.number = number;
    }

    private boolean clamps() {
      return number == 0;
    }
  }

  /** max(x, 0). */
  public static final UnaryOp RELU = new UnaryOp(Function.RELU, 0f, Float.POSITIVE_INFINITY, null);

  /** min(max(x, 0), 6). */
  public static final UnaryOp RELU6 = new UnaryOp(Function.RELU6, 0f, 6f, null);

  /** Hardswish that keeps a quantized input's parameters. */
  public static final UnaryOp HARDSWISH = of(Function.HARDSWISH, null);

  /** Sigmoid. */
  public static final UnaryOp SIGMOID = of(Function.SIGMOID, null);

  /** Hyperbolic tangent. */
  public static final UnaryOp TANH = of(Function.TANH, null);

  /** Hardsigmoid. */
  public static final UnaryOp HARDSIGMOID = of(Function.HARDSIGMOID, null);

  private final Function function;
  private final float lo;
  private final float hi;
  private final QParams output;

  private UnaryOp(Function function, float lo, float hi, QParams output) {
    this.function = function;
    this.lo = lo;
    this.hi = hi;
    this.output = output;
  }

  private static UnaryOp of(Function function, QParams output) {
    return new UnaryOp(function, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, output);
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
    return new UnaryOp(Function.CLAMP, lo, hi, null);
  }

  /** Hardswish whose quantized results have the given parameters; null keeps the input's. */
  public static UnaryOp hardswish(QParams output) {
    return of(Function.HARDSWISH, output);
  }

  /** Sigmoid whose quantized results have the given parameters; null means PyTorch's 1/256. */
  public static UnaryOp sigmoid(QParams output) {
    return of(Function.SIGMOID, output);
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

  @Override
  public String name() {
    return function.name().toLowerCase(java.util.Locale.ROOT);
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    if (function == Function.CLAMP) {
      m.put("min", lo);
      m.put("max", hi);
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
          Attributes.builder().ints(function.number).floats(lo, hi).build(),
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
