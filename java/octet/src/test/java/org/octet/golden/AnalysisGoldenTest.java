package org.octet.golden;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.nn.Conv2d;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.Sequential;
import org.octet.nn.quantized.DeQuantize;
import org.octet.nn.quantized.Quantize;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.ops.ConvGeometry;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.QuantStub;
import org.octet.quantization.analysis.BiasCorrection;
import org.octet.quantization.analysis.CrossLayerEqualization;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/** Cross layer equalization and bias correction. */
class AnalysisGoldenTest {
  @TestFactory
  Stream<DynamicTest> equalizeAndBiasCorrection() {
    return GoldenGroup.tests(
        "equalize_biascorrect_ns",
        c -> {
          switch (c.op()) {
            case "cross_layer_equalize" -> equalize(c);
            case "bias_correction" -> biasCorrection(c);
            default -> GoldenGroup.unknownOp(c);
          }
        });
  }

  /** A layer for a recorded weight; convolutions have neither stride nor padding. */
  private static Module layer(Map<String, Tensor> state, String name) {
    FloatTensor w = (FloatTensor) state.get(name + ".weight");
    FloatTensor b = (FloatTensor) state.get(name + ".bias");
    return w.shape().rank() == 2
        ? new Linear(w, b)
        : new Conv2d(ConvGeometry.square(w.size(2), 1, 0, 1, 1), w, b);
  }

  private static void equalize(GoldenCase c) {
    Map<String, Tensor> state = GoldenCase.state(c.inputs().getAsJsonObject("state_dict"));
    Module model = new Sequential(layer(state, "0"), layer(state, "1"));
    List<CrossLayerEqualization.Pair> pairs = new ArrayList<>();
    for (JsonElement e : c.params().getAsJsonArray("pairs")) {
      JsonArray p = e.getAsJsonArray();
      pairs.add(new CrossLayerEqualization.Pair(p.get(0).getAsString(), p.get(1).getAsString()));
    }
    Map<String, Tensor> out =
        CrossLayerEqualization.equalize(model, pairs, c.paramDouble("threshold")).stateDict();
    JsonObject expected = c.outputs().getAsJsonObject("state_dict");
    expected
        .entrySet()
        .forEach(
            e ->
                Expect.floats(
                    e.getKey(), e.getValue(), (FloatTensor) out.get(e.getKey()), c.tolerance()));
  }

  /** Linear layers in a row; the quantized ones are those recorded before the correction. */
  private static void biasCorrection(GoldenCase c) {
    Map<String, Tensor> state = GoldenCase.state(c.inputs().getAsJsonObject("float_state_dict"));
    JsonObject before = c.outputs().getAsJsonObject("before");
    Module model =
        new Chain(new QuantStub(), layer(state, "fc1"), layer(state, "fc2"), new DeQuantStub());
    JsonObject quant = before.getAsJsonObject("quant");
    Module quantized =
        new Chain(
            new Quantize(
                QParams.perTensor(
                    quant.get("scale").getAsDouble(),
                    quant.get("zero_point").getAsInt(),
                    DType.QUINT8)),
            quantizedLayer(before.getAsJsonObject("fc1")),
            quantizedLayer(before.getAsJsonObject("fc2")),
            new DeQuantize());
    List<FloatTensor> data =
        GoldenCase.floatList(c.inputs().get("data")).subList(0, c.paramInt("neval_batches"));
    Module corrected = BiasCorrection.correct(model, quantized, data);
    for (String name : new String[] {"fc1", "fc2"}) {
      JsonObject expected =
          c.outputs().getAsJsonObject("after").getAsJsonObject(name + ".orig_module");
      QuantizedLinear l = (QuantizedLinear) corrected.module(name);
      Expect.floats(name + ".bias", expected.get("bias"), l.bias(), c.tolerance());
    }
  }

  private static QuantizedLinear quantizedLayer(JsonObject o) {
    return new QuantizedLinear(
        GoldenCase.quantized(o.getAsJsonObject("weight")),
        GoldenCase.floats(o.get("bias")),
        QParams.perTensor(
            o.get("scale").getAsDouble(), o.get("zero_point").getAsInt(), DType.QUINT8));
  }

  /** The recorded model: one child after the other. */
  private static final class Chain extends Module {
    private final Key quant;
    private final Key fc1;
    private final Key fc2;
    private final Key dequant;

    Chain(Module quant, Module fc1, Module fc2, Module dequant) {
      this.quant = child("quant", quant);
      this.fc1 = child("fc1", fc1);
      this.fc2 = child("fc2", fc2);
      this.dequant = child("dequant", dequant);
    }

    @Override
    public Tensor forward(Tensor... in) {
      return run(dequant, run(fc2, run(fc1, run(quant, in[0]))));
    }
  }
}
