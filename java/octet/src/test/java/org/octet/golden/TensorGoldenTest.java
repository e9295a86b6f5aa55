package org.octet.golden;

import com.google.gson.JsonObject;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
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
  Stream<DynamicTest> quantizeEdges() {
    return GoldenGroup.tests("quantize_edges", TensorGoldenTest::perTensor);
  }

  private static void perTensor(GoldenCase c) {
    DType dtype = DType.ofTorchName(c.paramString("dtype", ""));
    FloatTensor x = c.floatIn("x");
    QuantizedTensor q =
        QuantizedTensor.quantizePerTensor(x, c.paramDouble("scale"), c.paramInt("zero_point"), dtype);
    if (c.outputs().has("saturating")) {
      // What PyTorch does with non-finite values depends on its build; this is the defined behaviour.
      Expect.codes("q", GoldenCase.intValues(c.outputs().get("saturating")), q.intRepr(), c.tolerance());
      return;
    }
    check(c, q);
  }

  private static void perChannel(GoldenCase c) {
    DType dtype = DType.ofTorchName(c.paramString("dtype", ""));
    JsonObject p = c.params();
    float[] scales = GoldenCase.floatValues(p.get("scales"));
    int[] zeroPoints = GoldenCase.intValues(p.get("zero_points"));
    check(c, QuantizedTensor.quantizePerChannel(c.floatIn("x"), scales, zeroPoints, c.paramInt("axis"), dtype));
  }

  private static void check(GoldenCase c, QuantizedTensor q) {
    Expect.quantized("q", c.outputs().get("q"), q, c.tolerance());
    Expect.floats("dequantized", c.outputs().get("dequantized"), q.dequantize(), c.tolerance());
  }
}
