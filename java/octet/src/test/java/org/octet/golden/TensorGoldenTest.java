package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.ops.EmbeddingRows;
import org.octet.tensor.ChooseQParams;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;

/** Quantizing and dequantizing whole tensors. */
class TensorGoldenTest {
  @TestFactory
  Stream<DynamicTest> quantizePerTensor() {
    return GoldenGroup.tests("quantize_per_tensor", TensorGoldenTest::perTensor);
  }

  @TestFactory
  Stream<DynamicTest> quantizePerChannel() {
    return GoldenGroup.tests("quantize_per_channel", TensorGoldenTest::perChannel);
  }

  @TestFactory
  Stream<DynamicTest> chooseQParams() {
    return GoldenGroup.tests("choose_qparams", TensorGoldenTest::choose);
  }

  @TestFactory
  Stream<DynamicTest> quantizeEdges() {
    return GoldenGroup.tests("quantize_edges", TensorGoldenTest::perTensor);
  }

  private static void perTensor(GoldenCase c) {
    DType dtype = DType.ofTorchName(c.paramString("dtype", ""));
    FloatTensor x = c.floatIn("x");
    QuantizedTensor q =
        QuantizedTensor.quantizePerTensor(
            x, c.paramDouble("scale"), c.paramInt("zero_point"), dtype);
    if (c.outputs().has("saturating")) {
      // What PyTorch does with non-finite values depends on its build; this is the defined
      // behaviour.
      Expect.codes(
          "q", GoldenCase.intValues(c.outputs().get("saturating")), q.intRepr(), c.tolerance());
      return;
    }
    check(c, q);
  }

  private static void perChannel(GoldenCase c) {
    DType dtype = DType.ofTorchName(c.paramString("dtype", ""));
    if (c.op().equals("quantize_per_channel_float_qparams")) {
      float[] scales = GoldenCase.floatValues(c.params().get("scales"));
      float[] zeroPoints = GoldenCase.floatValues(c.params().get("zero_points"));
      FloatTensor x = c.floatIn("x");
      check(
          c, QuantizedTensor.quantizePerChannel(x, scales, zeroPoints, c.paramInt("axis"), dtype));
      return;
    }
    JsonArray s = c.params().getAsJsonObject("scales").getAsJsonArray("data");
    double[] scales = new double[s.size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = s.get(i).getAsDouble();
    }
    int[] zeroPoints = GoldenCase.intValues(c.params().get("zero_points"));
    check(
        c,
        QuantizedTensor.quantizePerChannel(
            c.floatIn("x"), scales, zeroPoints, c.paramInt("axis"), dtype));
  }

  private static void check(GoldenCase c, QuantizedTensor q) {
    Expect.quantized("q", c.outputs().get("q"), q, c.tolerance());
    Expect.floats("dequantized", c.outputs().get("dequantized"), q.dequantize(), c.tolerance());
  }

  private static void choose(GoldenCase c) {
    FloatTensor x = c.floatIn("x");
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    for (float v : x.toArray()) {
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
    boolean reduce = c.paramBool("reduce_range", false);
    switch (c.op()) {
      case "choose_qparams_per_tensor" -> {
        // Always quint8; the recorded qmin and qmax are those after reduce_range.
        ChooseQParams q = ChooseQParams.of(min, max, 0, 255, false, reduce);
        double scale = c.outputs().get("scale").getAsDouble();
        Expect.close("scale", (float) scale, q.scale(), 0, c.tolerance().rel());
        assertEquals(c.outputs().get("zero_point").getAsInt(), q.zeroPoint(), "zero point");
      }
      case "quantize_per_tensor_dynamic" -> {
        DType dtype = DType.ofTorchName(c.paramString("dtype", ""));
        ChooseQParams q =
            ChooseQParams.of(min, max, dtype.quantMin(), dtype.quantMax(), false, reduce);
        Expect.quantized(
            "q",
            c.outputs().get("q"),
            QuantizedTensor.quantizePerTensor(x, q.scale(), q.zeroPoint(), dtype),
            c.tolerance());
      }
      case "choose_qparams_optimized" -> {
        float[] range =
            EmbeddingRows.optimizedRange(
                x.toArray(),
                c.paramInt("n_bins"),
                (float) c.paramDouble("ratio"),
                c.paramInt("bit_width"));
        float[] least = GoldenCase.floatValues(c.outputs().get("xmin"));
        float[] most = GoldenCase.floatValues(c.outputs().get("xmax"));
        Expect.floats("xmin", least, new float[] {range[0]}, c.tolerance());
        Expect.floats("xmax", most, new float[] {range[1]}, c.tolerance());
      }
      default -> GoldenGroup.unknownOp(c);
    }
  }
}
