package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU1d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU2d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU3d;
import org.octet.nn.intrinsic.quantized.QuantizedLinearReLU;
import org.octet.nn.quantized.QuantizedConv1d;
import org.octet.nn.quantized.QuantizedConv2d;
import org.octet.nn.quantized.QuantizedConv3d;
import org.octet.nn.quantized.QuantizedConvTranspose1d;
import org.octet.nn.quantized.QuantizedConvTranspose2d;
import org.octet.nn.quantized.QuantizedConvTranspose3d;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinear;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinearReLU;
import org.octet.ops.ConvGeometry;
import org.octet.ops.TransposedGeometry;
import org.octet.tensor.ChooseQParams;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** Linear layers and convolutions with quantized weights. */
class LinearConvGoldenTest {
  @TestFactory
  Stream<DynamicTest> linear() {
    return GoldenGroup.tests("linear", LinearConvGoldenTest::checkLinear);
  }

  @TestFactory
  Stream<DynamicTest> conv() {
    return GoldenGroup.tests("conv", LinearConvGoldenTest::checkConv);
  }

  @TestFactory
  Stream<DynamicTest> linearDynamic() {
    return GoldenGroup.tests("linear_dynamic", LinearConvGoldenTest::checkDynamic);
  }

  private static void checkLinear(GoldenCase c) {
    compare(c, linear(c));
  }

  /** The output of a case of group linear. */
  static Tensor linear(GoldenCase c) {
    QuantizedTensor x = c.quantizedIn("x");
    QuantizedTensor weight = c.quantizedIn("weight");
    FloatTensor bias = c.floatIn("bias");
    QParams out = c.outParams(x.dtype());
    Module module =
        switch (c.op()) {
          case "linear", "linear_nd" -> new QuantizedLinear(weight, bias, out);
          case "linear_relu" -> new QuantizedLinearReLU(weight, bias, out);
          default -> null;
        };
    if (module == null) {
      GoldenGroup.unknownOp(c);
    }
    return module.eval().forward(x);
  }

  @TestFactory
  Stream<DynamicTest> convTranspose() {
    return GoldenGroup.tests("conv_transpose", LinearConvGoldenTest::checkTransposed);
  }

  private static void checkTransposed(GoldenCase c) {
    QuantizedTensor x = c.quantizedIn("x");
    QuantizedTensor weight = c.quantizedIn("weight");
    FloatTensor bias = c.floatIn("bias");
    QParams out = c.outParams(x.dtype());
    int n = weight.shape().rank() - 2;
    int[] pad = c.paramInts("output_padding", n, 0);
    TransposedGeometry g =
        new TransposedGeometry(
            geometry(c, weight), n < 3 ? 0 : pad[0], n < 2 ? 0 : pad[n - 2], pad[n - 1]);
    Module module =
        switch (c.op()) {
          case "conv_transpose1d" -> new QuantizedConvTranspose1d(g, weight, bias, out);
          case "conv_transpose2d" -> new QuantizedConvTranspose2d(g, weight, bias, out);
          case "conv_transpose3d" -> new QuantizedConvTranspose3d(g, weight, bias, out);
          default -> null;
        };
    if (module == null) {
      GoldenGroup.unknownOp(c);
    }
    compare(c, module.eval().forward(x));
  }

  private static void checkConv(GoldenCase c) {
    compare(c, conv(c));
  }

  /** The output of a case of group conv. */
  static Tensor conv(GoldenCase c) {
    QuantizedTensor x = c.quantizedIn("x");
    QuantizedTensor weight = c.quantizedIn("weight");
    FloatTensor bias = c.floatIn("bias");
    QParams out = c.outParams(x.dtype());
    Module module =
        switch (c.op()) {
          case "conv1d" -> new QuantizedConv1d(geometry(c, weight), weight, bias, out);
          case "conv1d_relu" -> new QuantizedConvReLU1d(geometry(c, weight), weight, bias, out);
          case "conv2d" -> new QuantizedConv2d(geometry(c, weight), weight, bias, out);
          case "conv2d_relu" -> new QuantizedConvReLU2d(geometry(c, weight), weight, bias, out);
          case "conv3d" -> new QuantizedConv3d(geometry(c, weight), weight, bias, out);
          case "conv3d_relu" -> new QuantizedConvReLU3d(geometry(c, weight), weight, bias, out);
          default -> null;
        };
    if (module == null) {
      GoldenGroup.unknownOp(c);
    }
    return module.eval().forward(x);
  }

  /** The window of a convolution; a one-dimensional one has height 1. */
  private static ConvGeometry geometry(GoldenCase c, QuantizedTensor weight) {
    int n = weight.shape().rank() - 2;
    int[] stride = c.paramInts("stride", n, 1);
    int[] padding = c.paramInts("padding", n, 0);
    int[] dilation = c.paramInts("dilation", n, 1);
    int groups = c.paramInt("groups", 1);
    int w = n - 1;
    int h = Math.max(0, n - 2);
    ConvGeometry plane =
        new ConvGeometry(
            n == 1 ? 1 : weight.size(-2),
            weight.size(-1),
            n == 1 ? 1 : stride[h],
            stride[w],
            n == 1 ? 0 : padding[h],
            padding[w],
            n == 1 ? 0 : padding[h],
            padding[w],
            n == 1 ? 1 : dilation[h],
            dilation[w],
            groups);
    return n < 3
        ? plane
        : plane.withDepth(weight.size(2), stride[0], padding[0], padding[0], dilation[0]);
  }

  /**
   * Exactly qnnpack's codes where that engine ran; else within the tolerance of FBGEMM's formula.
   */
  private static void compare(GoldenCase c, Tensor y) {
    JsonObject outputs = c.outputs();
    if (outputs.has("qnnpack")) {
      Expect.quantized("y (as qnnpack)", outputs.get("qnnpack"), y, Tolerance.EXACT);
    } else if (qnnpackEqualsReference(c)) {
      Expect.quantized("y (as qnnpack)", outputs.get("fbgemm_exact_reference"), y, Tolerance.EXACT);
    } else {
      Expect.quantized(
          "y (as the formula)", outputs.get("fbgemm_exact_reference"), y, c.tolerance());
    }
  }

  /**
   * An engine's output is left out where it is the reference's; then its recorded difference is [0,
   * 0].
   */
  private static boolean qnnpackEqualsReference(GoldenCase c) {
    JsonObject difference = c.params().getAsJsonObject("engine_diff_max_and_count");
    if (difference == null || !difference.has("qnnpack")) {
      return false;
    }
    JsonArray maxAndCount = difference.getAsJsonArray("qnnpack");
    return maxAndCount.get(0).getAsInt() == 0 && maxAndCount.get(1).getAsInt() == 0;
  }

  private static void checkDynamic(GoldenCase c) {
    FloatTensor x = c.floatIn("x");
    QuantizedTensor weight = c.quantizedIn("weight");
    FloatTensor bias = c.floatIn("bias");
    boolean reduce = c.paramBool("reduce_range", false);
    Module module =
        switch (c.op()) {
          case "linear_dynamic" -> new DynamicQuantizedLinear(weight, bias, reduce);
          case "linear_relu_dynamic" -> new DynamicQuantizedLinearReLU(weight, bias, reduce);
          default -> null;
        };
    if (module == null) {
      GoldenGroup.unknownOp(c);
    }
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float v : x.toArray()) {
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
    ChooseQParams q = ChooseQParams.of(min, max, 0, 255, false, reduce);
    Expect.close("x_scale", (float) c.paramDouble("x_scale"), q.scale(), 0, 0);
    assertEquals(c.paramInt("x_zero_point"), q.zeroPoint(), "x_zero_point");
    Tensor y = module.eval().forward(x);
    for (String engine : new String[] {"fbgemm_exact_reference", "qnnpack"}) {
      if (c.outputs().has(engine)) {
        Expect.floats("y (" + engine + ")", c.outputs().get(engine), y, c.tolerance());
      }
    }
  }
}
