package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.autograd.Tape;
import org.octet.nn.BatchNorm1d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Conv3d;
import org.octet.nn.CrossEntropyLoss;
import org.octet.nn.EmbeddingBag;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.intrinsic.qat.FoldsBatchNorm;
import org.octet.nn.qat.QatEmbeddingBag;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.ops.ConvGeometry;
import org.octet.optim.SGD;
import org.octet.quantization.EmbeddingFakeQuantize;
import org.octet.quantization.FakeQuantize;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfig;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QConfigs;
import org.octet.quantization.Quantization;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * Quantization-aware training: five steps of a small CNN and its conversion; every fused layer
 * forward and backward.
 */
class QatGoldenTest {
  @TestFactory
  Stream<DynamicTest> qat() {
    return GoldenGroup.tests(
        "workflow_qat",
        c -> {
          if (c.op().equals("cnn_qat")) {
            cnn(c);
          } else if (c.op().startsWith("qat_module_")) {
            layer(c);
          } else {
            GoldenGroup.unknownOp(c);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> embedding() {
    return GoldenGroup.tests("qat_embedding", QatGoldenTest::embedding);
  }

  private static void embedding(GoldenCase c) {
    QConfig qconfig =
        switch (c.op()) {
          case "qat_EmbeddingBag_8bit" -> QConfigs.named("default_embedding_qat_qconfig");
          case "qat_EmbeddingBag_4bit" -> QConfigs.named("default_embedding_qat_qconfig_4bit");
          default -> {
            GoldenGroup.unknownOp(c);
            yield null;
          }
        };
    EmbeddingBag bag = new EmbeddingBag(c.floatIn("w"), EmbeddingBag.Mode.SUM, true);
    Tensor indices = GoldenCase.tensor(c.inputs().get("indices"));
    Tensor offsets = GoldenCase.tensor(c.inputs().get("offsets"));
    QConfigMapping mapping = new QConfigMapping().setObjectType(EmbeddingBag.class, qconfig);
    QatEmbeddingBag trained =
        assertInstanceOf(QatEmbeddingBag.class, Quantization.prepareQat(bag, mapping));
    FloatTensor y =
        FakeQuantizeGoldenTest.backward(
            t -> trained.forward(indices, offsets), c.floatIn("grad_out"), trained.weight());
    Expect.floats("y", c.outputs().get("y"), y, c.tolerance());
    Expect.floats(
        "grad_weight", c.outputs().get("grad_weight"), trained.weight().grad(), c.tolerance());
    EmbeddingFakeQuantize q = (EmbeddingFakeQuantize) trained.weightFakeQuant();
    Expect.floats("scale", c.outputs().get("scale"), q.scale(), c.tolerance());
    Expect.floats("zero_point", c.outputs().get("zero_point"), q.zeroPoint(), c.tolerance());
  }

  private static QConfigMapping mapping(GoldenCase c) {
    String name = c.paramString("qconfig", "").replaceFirst(" qat$", "");
    return new QConfigMapping().setGlobal(Presets.qat(name));
  }

  private static void cnn(GoldenCase c) {
    Map<String, Tensor> state = GoldenCase.state(c.inputs().getAsJsonObject("float_state_dict"));
    RecordedQatCnn model = new RecordedQatCnn(state);
    model.loadStateDict(state);
    Module fused =
        Fusion.fuseQat(model, List.of(List.of("conv1", "bn1", "relu1"), List.of("conv2", "bn2")));
    Module trained = Quantization.prepareQat(fused, mapping(c));
    assertEquals("SGD lr=0.05 momentum=0.9", c.paramString("optimizer", ""), "optimizer");
    SGD sgd = new SGD(trained.parameters(), 0.05, 0.9);
    JsonArray steps = c.outputs().getAsJsonArray("steps");
    for (int i = 0; i < steps.size(); i++) {
      // The recorded schedule.
      if (i == 3) {
        trained.apply(FakeQuantize::disableObserver);
      } else if (i == 4) {
        trained.apply(FoldsBatchNorm::freezeBnStats);
      }
      JsonObject step = steps.get(i).getAsJsonObject();
      Tensor labels = GoldenCase.tensor(c.inputs().getAsJsonArray("targets").get(i));
      step(
          c,
          "step " + i + ": ",
          step,
          trained,
          sgd,
          GoldenCase.floats(c.inputs().getAsJsonArray("xs").get(i)),
          labels);
    }
    JsonObject out = c.outputs();
    Expect.state(
        "final_state_dict",
        out.getAsJsonObject("final_state_dict"),
        trained.stateDict(),
        c.tolerance());

    FloatTensor x = c.floatIn("x_eval");
    trained.eval();
    Expect.floats(
        "fake_quant_eval_y", out.get("fake_quant_eval_y"), trained.forward(x), c.tolerance());
    Module converted = Quantization.convert(trained);
    WorkflowGoldenTest.modules(
        out.getAsJsonObject("quantized_modules"), converted, c.tolerance(), c.tolerance());
    model.recorded().clear();
    Tensor y = converted.forward(x);
    WorkflowGoldenTest.layers(
        out.getAsJsonArray("layer_outputs"),
        converted,
        model.recorded(),
        c.tolerance(),
        c.tolerance());
    double quantum = c.tolerance().quanta() * ((QuantizedLinear) converted.module("fc")).scale();
    Expect.floats(
        "y",
        out.get("y"),
        y,
        new Tolerance(0, 1, quantum + c.tolerance().abs(), c.tolerance().rel(), 0, 0));
  }

  private static void step(
      GoldenCase c,
      String at,
      JsonObject expected,
      Module model,
      SGD sgd,
      FloatTensor x,
      Tensor labels) {
    sgd.zeroGrad();
    try (Tape tape = Tape.record()) {
      Tensor logits = model.forward(x);
      Tensor loss = new CrossEntropyLoss().forward(logits, labels);
      Expect.floats(at + "loss", expected.get("loss"), loss, c.tolerance());
      Expect.floats(at + "logits", expected.get("logits"), logits, c.tolerance());
      tape.backward(loss);
    }
    if (expected.has("grads")) {
      grads(at, expected.getAsJsonObject("grads"), model, c.tolerance());
    }
    Map<String, Tensor> before = model.stateDict();
    Expect.floats(
        at + "bn1_running_mean",
        expected.get("bn1_running_mean"),
        before.get("conv1.bn.running_mean"),
        c.tolerance());
    Expect.floats(
        at + "bn1_running_var",
        expected.get("bn1_running_var"),
        before.get("conv1.bn.running_var"),
        c.tolerance());
    sgd.step();
    if (expected.has("state_dict")) {
      Expect.state(
          at + "state_dict",
          expected.getAsJsonObject("state_dict"),
          model.stateDict(),
          c.tolerance());
    }
  }

  private static void grads(String at, JsonObject expected, Module model, Tolerance tolerance) {
    Map<String, FloatTensor> parameters = model.namedParameters();
    assertEquals(
        new TreeSet<>(expected.keySet()), new TreeSet<>(parameters.keySet()), at + "parameters");
    parameters.forEach(
        (name, p) ->
            Expect.floats(at + "gradient of " + name, expected.get(name), p.grad(), tolerance));
  }

  private static void layer(GoldenCase c) {
    Map<String, Tensor> state = GoldenCase.state(c.inputs().getAsJsonObject("float_state_dict"));
    FloatTensor x = c.floatIn("x");
    FloatTensor gradOut = c.floatIn("grad_out");
    Sequential model =
        model(c.op().replaceFirst("^qat_module_", ""), state, x, gradOut.shape().dims());
    model.loadStateDict(state);
    Module fused = Fusion.fuseQat(model, List.of(List.copyOf(model.namedChildren().keySet())));
    Module trained = Quantization.prepareQat(fused, mapping(c));
    FloatTensor y = FakeQuantizeGoldenTest.backward(trained, gradOut, x);
    Expect.floats("y_train", c.outputs().get("y_train"), y, c.tolerance());
    grads("", c.outputs().getAsJsonObject("grads"), trained, c.tolerance());
    Expect.floats("grad_x", c.outputs().get("grad_x"), x.grad(), c.tolerance());
    JsonElement after = c.outputs().get("state_dict_after");
    Expect.state("state_dict_after", after.getAsJsonObject(), trained.stateDict(), c.tolerance());
    Expect.floats("y_eval", c.outputs().get("y_eval"), trained.eval().forward(x), c.tolerance());
  }

  /**
   * The layers that a name such as "ConvBnReLU2d" stands for, with the shapes of the recorded
   * state.
   */
  private static Sequential model(
      String name, Map<String, Tensor> state, FloatTensor x, int[] out) {
    Tensor w = state.get("0.weight");
    boolean bias = state.containsKey("0.bias");
    int kernel = w.size(-1);
    int padding = (out[out.length - 1] - x.size(-1) + kernel - 1) / 2;
    ReLU relu = new ReLU();
    return switch (name) {
      case "ConvBn1d" ->
          new Sequential(
              new Conv1d(w.size(1), w.size(0), ConvGeometry.line(kernel, 1, padding, 1, 1), bias),
              new BatchNorm1d(w.size(0)));
      case "ConvBn2d" -> new Sequential(conv2d(w, padding, bias), new BatchNorm2d(w.size(0)));
      case "ConvBn3d" ->
          new Sequential(
              new Conv3d(w.size(1), w.size(0), ConvGeometry.cube(kernel, 1, padding, 1, 1), bias),
              new BatchNorm3d(w.size(0)));
      case "ConvBnReLU2d" ->
          new Sequential(conv2d(w, padding, bias), new BatchNorm2d(w.size(0)), relu);
      case "ConvReLU2d" -> new Sequential(conv2d(w, padding, bias), relu);
      case "LinearBn1d" ->
          new Sequential(new Linear(w.size(1), w.size(0), bias), new BatchNorm1d(w.size(0)));
      case "LinearReLU" -> new Sequential(new Linear(w.size(1), w.size(0), bias), relu);
      default ->
          throw new AssertionError("Layer " + name + " is neither built here nor listed in Later.");
    };
  }

  private static Conv2d conv2d(Tensor w, int padding, boolean bias) {
    return new Conv2d(w.size(1), w.size(0), ConvGeometry.square(w.size(3), 1, padding, 1, 1), bias);
  }
}
