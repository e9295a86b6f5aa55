package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.autograd.Tape;
import org.octet.ops.BinaryOp;
import org.octet.ops.FakeQuantizeOp;
import org.octet.ops.Forward;
import org.octet.ops.LearnableFakeQuantizeOp;
import org.octet.ops.SumOp;
import org.octet.quantization.FakeQuantize;
import org.octet.quantization.FakeQuantizeFactory;
import org.octet.quantization.FakeQuants;
import org.octet.quantization.FusedMovingAvgObsFakeQuantize;
import org.octet.quantization.QParamsRule;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.MovingAverageMinMaxObserver;
import org.octet.quantization.observer.MovingAveragePerChannelMinMaxObserver;
import org.octet.quantization.observer.ObserverFactory;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/** Fake quantization: values, masks and gradients of the ops; sequences of calls of the modules. */
class FakeQuantizeGoldenTest {
  @TestFactory
  Stream<DynamicTest> fakeQuantize() {
    return GoldenGroup.tests("fake_quantize", FakeQuantizeGoldenTest::op);
  }

  @TestFactory
  Stream<DynamicTest> fakeQuantizeLearnable() {
    return GoldenGroup.tests("fake_quantize_learnable", FakeQuantizeGoldenTest::learnable);
  }

  @TestFactory
  Stream<DynamicTest> fakeQuantizeModules() {
    return GoldenGroup.tests(
        "fake_quantize_modules",
        c -> {
          if (c.op().startsWith("default_")) {
            preset(c);
          } else {
            sequence(c);
          }
        });
  }

  private static FakeQuantizeOp operator(GoldenCase c) {
    int min = c.paramInt("quant_min");
    int max = c.paramInt("quant_max");
    return switch (c.op()) {
      case "fake_quantize_per_tensor_affine", "fake_quantize_ties_and_saturation" ->
          FakeQuantizeOp.perTensor(
              (float) c.paramDouble("scale"), c.paramInt("zero_point"), min, max);
      case "fake_quantize_per_channel_affine" ->
          FakeQuantizeOp.of(
              GoldenCase.floatValues(c.params().get("scale")),
              GoldenCase.intValues(c.params().get("zero_point")),
              c.paramInt("axis"),
              min,
              max);
      default -> {
        GoldenGroup.unknownOp(c);
        yield null;
      }
    };
  }

  private static void op(GoldenCase c) {
    FakeQuantizeOp op = operator(c);
    FloatTensor x = c.floatIn("x");
    FloatTensor ones = FloatTensor.full(1f, x.shape().dims());
    FloatTensor gradOut = c.inputs().has("grad_out") ? c.floatIn("grad_out") : ones;
    FloatTensor y = backward(op::apply, gradOut, x);
    Expect.floats("y", c.outputs().get("y"), y, c.tolerance());
    Expect.floats("grad_x", c.outputs().get("grad_x"), x.grad(), c.tolerance());
    if (c.outputs().has("mask")) {
      x.setGrad(null);
      backward(op::apply, ones, x);
      Expect.floats(
          "mask",
          GoldenCase.floatValues(c.outputs().get("mask")),
          x.grad().toArray(),
          Tolerance.EXACT);
    }
  }

  /** The result of {@code f}; gradients for {@code gradOut} are in the inputs afterwards. */
  static FloatTensor backward(Forward f, FloatTensor gradOut, FloatTensor... inputs) {
    for (FloatTensor t : inputs) {
      t.requiresGrad(true);
    }
    try (Tape tape = Tape.record()) {
      Tensor y = tape.keep(f.forward(inputs));
      tape.backward(SumOp.SUM.apply(BinaryOp.MUL.apply(y, gradOut)));
      return (FloatTensor) y;
    }
  }

  private static void learnable(GoldenCase c) {
    int axis =
        switch (c.op()) {
          case "fake_quantize_learnable_per_tensor" -> -1;
          case "fake_quantize_learnable_per_channel" -> c.paramInt("axis");
          default -> {
            GoldenGroup.unknownOp(c);
            yield 0;
          }
        };
    LearnableFakeQuantizeOp op =
        new LearnableFakeQuantizeOp(
            axis,
            c.paramInt("quant_min"),
            c.paramInt("quant_max"),
            (float) c.paramDouble("grad_factor"));
    FloatTensor x = c.floatIn("x");
    FloatTensor scale = c.floatIn("scale");
    FloatTensor zeroPoint = c.floatIn("zero_point");
    FloatTensor y = backward(op::apply, c.floatIn("grad_out"), x, scale, zeroPoint);
    Expect.floats("y", c.outputs().get("y"), y, c.tolerance());
    Expect.floats("grad_x", c.outputs().get("grad_x"), x.grad(), c.tolerance());
    Expect.floats("grad_scale", c.outputs().get("grad_scale"), scale.grad(), c.tolerance());
    Expect.floats(
        "grad_zero_point", c.outputs().get("grad_zero_point"), zeroPoint.grad(), c.tolerance());
  }

  /**
   * The module of a case such as "FakeQuantize_per_channel_sequence"; what a case does not say is
   * PyTorch's default.
   */
  private static FakeQuantize module(GoldenCase c) {
    ObserverFactory o =
        c.paramString("observer", "MovingAverageMinMaxObserver")
                .equals("MovingAveragePerChannelMinMaxObserver")
            ? MovingAveragePerChannelMinMaxObserver.withArgs().chAxis(c.paramInt("ch_axis"))
            : MovingAverageMinMaxObserver.withArgs();
    o =
        o.dtype(DType.ofTorchName(c.paramString("dtype", "quint8")))
            .quantRange(c.paramInt("quant_min"), c.paramInt("quant_max"))
            .reduceRange(c.paramBool("reduce_range", false));
    if (c.has("qscheme")) {
      o = o.qscheme(ObserverGoldenTest.scheme(c.paramString("qscheme", "")));
    }
    if (c.has("averaging_constant")) {
      o = o.averagingConstant((float) c.paramDouble("averaging_constant"));
    }
    String name = c.op().split("_")[0];
    FakeQuantizeFactory f =
        switch (name) {
          case "FakeQuantize" -> FakeQuantize.withArgs(o);
          case "FusedMovingAvgObsFakeQuantize" ->
              FusedMovingAvgObsFakeQuantize.withArgs(o).rule(QParamsRule.TORCH);
          default -> {
            GoldenGroup.unknownOp(c);
            yield null;
          }
        };
    return (FakeQuantize) f.get();
  }

  private static void sequence(GoldenCase c) {
    FakeQuantize module = module(c);
    JsonObject toggles = c.params().getAsJsonObject("toggles_before_call");
    List<FloatTensor> calls = GoldenCase.floatList(c.inputs().get("calls"));
    JsonArray after = c.outputs().getAsJsonArray("after_each_call");
    assertEquals(calls.size(), after.size(), "one record a call");
    for (int i = 0; i < calls.size(); i++) {
      if (toggles.has(Integer.toString(i))) {
        toggles.getAsJsonArray(Integer.toString(i)).forEach(t -> toggle(module, t.getAsString()));
      }
      JsonObject record = after.get(i).getAsJsonObject();
      String at = "after call " + i + ": ";
      FloatTensor x = calls.get(i);
      FloatTensor y = backward(module, FloatTensor.full(1f, x.shape().dims()), x);
      Expect.floats(at + "y", record.get("y"), y, c.tolerance());
      Expect.floats(at + "grad_x_of_sum", record.get("grad_x_of_sum"), x.grad(), c.tolerance());
      Expect.floats(at + "scale", record.get("scale"), module.scale(), c.tolerance());
      long[] z = module.zeroPoint().toArray();
      int[] zeroPoints = GoldenCase.intValues(record.get("zero_point"));
      assertEquals(zeroPoints.length, z.length, at + "number of zero points");
      for (int k = 0; k < z.length; k++) {
        assertEquals(zeroPoints[k], z[k], at + "zero point " + k);
      }
      MinMaxStatistics s = (MinMaxStatistics) module.observer();
      Expect.floats(at + "min_val", record.get("min_val"), s.minVal(), c.tolerance());
      Expect.floats(at + "max_val", record.get("max_val"), s.maxVal(), c.tolerance());
    }
  }

  private static void toggle(FakeQuantize m, String method) {
    switch (method) {
      case "disable_fake_quant" -> m.apply(FakeQuantize::disableFakeQuant);
      case "enable_fake_quant" -> m.apply(FakeQuantize::enableFakeQuant);
      case "disable_observer" -> m.apply(FakeQuantize::disableObserver);
      case "enable_observer" -> m.apply(FakeQuantize::enableObserver);
      default -> throw new AssertionError("Unknown method " + method + ".");
    }
  }

  /** A preset with fixed parameters by name. */
  private static void preset(GoldenCase c) {
    FakeQuantize module = (FakeQuantize) FakeQuants.named(c.op()).get();
    JsonElement scale = c.params().get("scale");
    Expect.floats("scale", scale, module.scale(), Tolerance.EXACT);
    assertEquals(
        GoldenCase.intValues(c.params().get("zero_point"))[0],
        module.zeroPoint().get(0),
        "zero point");
    FloatTensor x = c.floatIn("x");
    Expect.floats("y", c.outputs().get("y"), module.forward(x), c.tolerance());
    assertFalse(module.namedChildren().isEmpty(), "has its observer");
  }
}
