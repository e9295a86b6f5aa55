package org.octet.golden;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.nn.MaxPool1d;
import org.octet.nn.quantized.QFunctional;
import org.octet.ops.Activation;
import org.octet.ops.AdaptiveAvgPoolOp;
import org.octet.ops.AvgPoolOp;
import org.octet.ops.Broadcast;
import org.octet.ops.ConvGeometry;
import org.octet.ops.MaxPoolOp;
import org.octet.ops.NormOp;
import org.octet.ops.Op;
import org.octet.ops.PoolRounding;
import org.octet.ops.QuantizedAddOp;
import org.octet.ops.QuantizedBatchNormOp;
import org.octet.ops.QuantizedCatOp;
import org.octet.ops.QuantizedMatmulOp;
import org.octet.ops.QuantizedMulOp;
import org.octet.ops.QuantizedScalarOp;
import org.octet.ops.ScalarOp;
import org.octet.ops.SoftmaxOp;
import org.octet.ops.UnaryOp;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** Operators on quantized tensors. */
class OpsGoldenTest {
  @TestFactory
  Stream<DynamicTest> binary() {
    return GoldenGroup.tests("ops_binary", c -> compare(c, binary(c)));
  }

  @TestFactory
  Stream<DynamicTest> unary() {
    return GoldenGroup.tests("ops_unary", c -> compare(c, unary(c)));
  }

  @TestFactory
  Stream<DynamicTest> norms() {
    return GoldenGroup.tests("ops_norm", c -> compare(c, norm(c)));
  }

  @TestFactory
  Stream<DynamicTest> pools() {
    return GoldenGroup.tests("ops_pool_resize", OpsGoldenTest::pool);
  }

  @TestFactory
  Stream<DynamicTest> functional() {
    return GoldenGroup.tests(
        "float_functional",
        c -> Expect.quantized("y", c.outputs().get("y"), functional(c), c.tolerance()));
  }

  /**
   * The kernels that serve every engine are the norm; one output stands where qnnpack agrees with
   * them.
   */
  private static JsonObject expected(GoldenCase c) {
    JsonObject o = c.outputs();
    return o.has("output") ? o.getAsJsonObject("output") : o.getAsJsonObject("native");
  }

  private static void compare(GoldenCase c, Tensor y) {
    Expect.quantized("output", expected(c), y, c.tolerance());
  }

  private static Tensor norm(GoldenCase c) {
    QuantizedTensor x = c.quantizedIn("x");
    QParams out = c.outParams(x.dtype());
    double eps = c.paramDouble("eps");
    Activation relu = c.op().endsWith("_relu") ? Activation.RELU : Activation.NONE;
    Tensor weight = c.floatIn("weight");
    Tensor bias = c.floatIn("bias");
    switch (c.op()) {
      case "layer_norm" -> {
        return NormOp.layer(weight.shape(), eps, out).apply(x, weight, bias);
      }
      case "group_norm" -> {
        return NormOp.group(c.paramInt("num_groups"), eps, out).apply(x, weight, bias);
      }
      case "instance_norm" -> {
        return NormOp.instance(eps, out).apply(x, weight, bias);
      }
      case "batch_norm2d", "batch_norm2d_relu", "batch_norm3d" -> {
        return new QuantizedBatchNormOp(eps, out, relu)
            .apply(x, weight, bias, c.floatIn("running_mean"), c.floatIn("running_var"));
      }
      default -> {
        GoldenGroup.unknownOp(c);
        return null;
      }
    }
  }

  private static Tensor[] list(GoldenCase c, String name) {
    List<Tensor> out = new ArrayList<>();
    c.inputs().getAsJsonArray(name).forEach(e -> out.add(GoldenCase.tensor(e)));
    return out.toArray(new Tensor[0]);
  }

  private static Tensor binary(GoldenCase c) {
    boolean relu = c.op().endsWith("_relu");
    switch (c.op()) {
      case "add", "add_relu", "add_broadcast", "mul", "mul_relu", "mul_broadcast" -> {
        QuantizedTensor a = c.quantizedIn("a");
        QParams out = c.outParams(a.dtype());
        Op op =
            c.op().startsWith("add")
                ? new QuantizedAddOp(out, relu)
                : new QuantizedMulOp(out, relu);
        return Broadcast.apply(op, a, c.quantizedIn("b"));
      }
      case "add_scalar", "add_scalar_relu" -> {
        return new QuantizedScalarOp(ScalarOp.Function.ADD, c.paramDouble("scalar"), relu)
            .apply(c.quantizedIn("a"));
      }
      case "mul_scalar", "mul_scalar_relu" -> {
        return new QuantizedScalarOp(ScalarOp.Function.MUL, c.paramDouble("scalar"), relu)
            .apply(c.quantizedIn("a"));
      }
      case "matmul" -> {
        QuantizedTensor a = c.quantizedIn("a");
        return new QuantizedMatmulOp(false, c.outParams(a.dtype())).apply(a, c.quantizedIn("b"));
      }
      case "cat", "cat_relu" -> {
        Tensor[] xs = list(c, "xs");
        return new QuantizedCatOp(c.paramInt("dim"), c.outParams(xs[0].dtype()), relu).apply(xs);
      }
      case "torch.cat" -> {
        return new QuantizedCatOp(c.paramInt("dim")).apply(list(c, "xs"));
      }
      default -> {
        GoldenGroup.unknownOp(c);
        return null;
      }
    }
  }

  private static Tensor functional(GoldenCase c) {
    QuantizedTensor a = c.quantizedIn("a");
    // The scalar forms derive their parameters from the input.
    QParams out = c.has("scale") ? c.outParams(a.dtype()) : QParams.perTensor(1, 0, a.dtype());
    QFunctional f = new QFunctional(out);
    return switch (c.op()) {
      case "QFunctional.add" -> f.add(a, c.quantizedIn("b"));
      case "QFunctional.matmul" -> f.matmul(a, c.quantizedIn("b"));
      case "QFunctional.mul" -> f.mul(a, c.quantizedIn("b"));
      case "QFunctional.add_relu" -> f.addRelu(a, c.quantizedIn("b"));
      case "QFunctional.cat" -> f.cat(c.paramInt("dim"), a, c.quantizedIn("b"));
      case "QFunctional.add_scalar" -> f.addScalar(a, c.paramDouble("scalar"));
      case "QFunctional.mul_scalar" -> f.mulScalar(a, c.paramDouble("scalar"));
      default -> {
        GoldenGroup.unknownOp(c);
        yield null;
      }
    };
  }

  private static Tensor unary(GoldenCase c) {
    QuantizedTensor x = c.quantizedIn("x");
    Op op =
        switch (c.op()) {
          case "relu" -> UnaryOp.RELU;
          case "relu6" -> UnaryOp.RELU6;
          case "clamp", "hardtanh" ->
              UnaryOp.clamp((float) c.paramDouble("min"), (float) c.paramDouble("max"));
          case "sigmoid" -> UnaryOp.SIGMOID;
          case "quantized_sigmoid" -> UnaryOp.sigmoid(c.outParams(x.dtype()));
          case "tanh" -> UnaryOp.TANH;
          case "hardsigmoid" -> UnaryOp.HARDSIGMOID;
          case "hardswish" -> UnaryOp.hardswish(c.outParams(x.dtype()));
          case "elu" -> UnaryOp.elu((float) c.paramDouble("alpha"), c.outParams(x.dtype()));
          case "celu" -> UnaryOp.celu((float) c.paramDouble("alpha"), c.outParams(x.dtype()));
          case "leaky_relu" ->
              UnaryOp.leakyRelu((float) c.paramDouble("negative_slope"), c.outParams(x.dtype()));
          case "threshold" ->
              UnaryOp.threshold((float) c.paramDouble("threshold"), (float) c.paramDouble("value"));
          case "gelu" -> UnaryOp.GELU;
          case "softmax" -> new SoftmaxOp(c.paramInt("dim"), c.outParams(x.dtype()));
          default -> null;
        };
    if (op == null) {
      GoldenGroup.unknownOp(c);
    }
    return op.apply(x);
  }

  // ---- pools
  // -------------------------------------------------------------------------------------------------------

  private static ConvGeometry window(GoldenCase c) {
    int[] k = c.paramInts("kernel", 2, 0);
    int[] s = c.has("stride") ? c.paramInts("stride", 2, 0) : k;
    int[] p = c.paramInts("padding", 2, 0);
    int[] d = c.paramInts("dilation", 2, 1);
    return new ConvGeometry(k[0], k[1], s[0], s[1], p[0], p[1], p[0], p[1], d[0], d[1], 1);
  }

  private static void pool(GoldenCase c) {
    boolean last = c.paramString("memory_format", "").equals("channels_last");
    QuantizedTensor x =
        c.quantizedIn("x").contiguous(last ? MemoryFormat.CHANNELS_LAST : MemoryFormat.CONTIGUOUS);
    // PyTorch has a kernel for each memory format, and they round elsewhere.
    PoolRounding rounding = last ? PoolRounding.BEFORE_ZERO_POINT : PoolRounding.AFTER_ZERO_POINT;
    boolean ceil = c.paramBool("ceil_mode", false);
    switch (c.op()) {
      case "max_pool2d" -> compare(c, new MaxPoolOp(window(c), ceil).apply(x));
      case "max_pool1d" -> {
        // Recorded on the first row of every image.
        QuantizedTensor row =
            x.slice(2, 0, 1).contiguous().reshape(x.size(0), x.size(1), x.size(3));
        compare(c, new MaxPool1d(c.paramInt("kernel")).forward(row));
      }
      case "avg_pool2d" -> {
        boolean includePad = c.paramBool("count_include_pad", true);
        int divisor = c.paramInt("divisor_override", 0);
        compare(c, new AvgPoolOp(window(c), ceil, includePad, divisor, rounding).apply(x));
      }
      case "adaptive_avg_pool2d" -> {
        int[] size = c.paramInts("output_size", 2, 1);
        compare(c, new AdaptiveAvgPoolOp(size[0], size[1], rounding).apply(x));
      }
      default -> GoldenGroup.unknownOp(c);
    }
  }
}
