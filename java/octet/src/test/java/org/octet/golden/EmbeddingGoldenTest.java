package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.nn.Embedding;
import org.octet.nn.EmbeddingBag;
import org.octet.nn.Module;
import org.octet.nn.quantized.QuantizedEmbedding;
import org.octet.nn.quantized.QuantizedEmbeddingBag;
import org.octet.ops.EmbeddingRows;
import org.octet.ops.EmbeddingRowsBagOp;
import org.octet.quantization.QConfig;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QConfigs;
import org.octet.quantization.Quantization;
import org.octet.quantization.observer.Observer;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** Packed rows of embeddings, and the modules that read them. */
class EmbeddingGoldenTest {
  @TestFactory
  Stream<DynamicTest> embedding() {
    return GoldenGroup.tests("embedding", EmbeddingGoldenTest::check);
  }

  private static void check(GoldenCase c) {
    switch (c.op()) {
      case "embedding_bag_byte_prepack" -> prepack(c, 8);
      case "embedding_bag_4bit_prepack" -> prepack(c, 4);
      case "embedding_bag_2bit_prepack" -> prepack(c, 2);
      case "embedding_bag_byte_rowwise_offsets" -> bags(c, 8);
      case "embedding_bag_4bit_rowwise_offsets" -> bags(c, 4);
      case "embedding_bag_2bit_rowwise_offsets" -> bags(c, 2);
      case "nnq_EmbeddingBag_8bit" -> bagModule(c, QConfigs.FLOAT_QPARAMS_WEIGHT_ONLY);
      case "nnq_EmbeddingBag_4bit" -> bagModule(c, QConfigs.FLOAT_QPARAMS_WEIGHT_ONLY_4BIT);
      case "nnq_Embedding_8bit" -> {
        Embedding e = new Embedding(c.floatIn("w"));
        QuantizedEmbedding q =
            assertInstanceOf(
                QuantizedEmbedding.class, converted(e, QConfigs.FLOAT_QPARAMS_WEIGHT_ONLY));
        Tensor y = q.forward(GoldenCase.tensor(c.inputs().get("indices")));
        Expect.floats("y", c.outputs().get("y"), y, c.tolerance());
      }
      default -> GoldenGroup.unknownOp(c);
    }
  }

  private static void prepack(GoldenCase c, int bits) {
    FloatTensor w = c.floatIn("w");
    QuantizedTensor packed = EmbeddingRows.pack(w, bits);
    int[] expected = GoldenCase.intValues(c.outputs().get("packed"));
    Expect.codes("packed", expected, packed.intRepr(), Tolerance.EXACT);
    FloatTensor unpacked = new EmbeddingRows(bits, w.size(1)).unpack(packed);
    Expect.floats("unpacked", c.outputs().get("unpacked"), unpacked, c.tolerance());
  }

  private static void bags(GoldenCase c, int bits) {
    int[] bytes = GoldenCase.intValues(c.inputs().get("packed"));
    int[] shape = GoldenCase.shape(c.inputs().get("packed"));
    QuantizedTensor packed =
        QuantizedTensor.ofCodes(bytes, QParams.perTensor(1, 0, DType.QUINT8), shape);
    EmbeddingRows rows = new EmbeddingRows(bits, c.floatIn("w").size(1));
    boolean last = c.paramBool("include_last_offset", false);
    Tensor y =
        new EmbeddingRowsBagOp(rows, false, last)
            .apply(
                packed,
                GoldenCase.tensor(c.inputs().get("indices")),
                GoldenCase.tensor(c.inputs().get("offsets")),
                c.floatIn("per_sample_weights"));
    Expect.floats("y", c.outputs().get("y"), y, c.tolerance());
  }

  private static void bagModule(GoldenCase c, QConfig qconfig) {
    FloatTensor w = c.floatIn("w");
    Observer observer = qconfig.weight().get();
    observer.observe(w);
    QParams params = observer.calculateQParams();
    Expect.floats(
        "scales",
        GoldenCase.floatValues(c.outputs().get("scales")),
        params.scales(),
        c.tolerance());
    Expect.floats(
        "zero_points",
        GoldenCase.floatValues(c.outputs().get("zero_points")),
        params.floatZeroPoints(),
        c.tolerance());
    QuantizedTensor table = QuantizedTensor.quantize(w, params);
    Expect.floats(
        "weight_dequantized",
        c.outputs().get("weight_dequantized"),
        table.dequantize(),
        c.tolerance());
    // PyTorch 1.13 drops include_last_offset when it converts: what it recorded is the result for
    // offsets that are all begins, with one more bag, an empty one. Octet keeps the option.
    assertTrue(c.paramBool("include_last_offset", false));
    Tensor indices = GoldenCase.tensor(c.inputs().get("indices"));
    Tensor offsets = GoldenCase.tensor(c.inputs().get("offsets"));
    FloatTensor y = (FloatTensor) bag(w, qconfig, false).forward(indices, offsets);
    Expect.floats("y", c.outputs().get("y"), y, c.tolerance());
    FloatTensor kept = (FloatTensor) bag(w, qconfig, true).forward(indices, offsets);
    int bags = y.size(0) - 1;
    assertArrayEquals(y.slice(0, 0, bags).toArray(), kept.toArray());
    assertArrayEquals(new float[y.size(1)], y.slice(0, bags, bags + 1).toArray());
  }

  private static QuantizedEmbeddingBag bag(FloatTensor w, QConfig qconfig, boolean last) {
    EmbeddingBag bag = new EmbeddingBag(w, EmbeddingBag.Mode.SUM, last);
    return assertInstanceOf(QuantizedEmbeddingBag.class, converted(bag, qconfig));
  }

  private static Module converted(Module m, QConfig qconfig) {
    return Quantization.quantizeDynamic(m, new QConfigMapping().setGlobal(qconfig));
  }
}
