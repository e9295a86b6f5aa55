package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.octet.autograd.Tape;
import org.octet.nn.Embedding;
import org.octet.nn.EmbeddingBag;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.MSELoss;
import org.octet.nn.Module;
import org.octet.nn.Sequential;
import org.octet.nn.qat.QatEmbeddingBag;
import org.octet.nn.quantized.QuantizedEmbedding;
import org.octet.nn.quantized.QuantizedEmbeddingBag;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinear;
import org.octet.optim.SGD;
import org.octet.quantization.QuantizationReport.Outcome;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.Tensor;

/** Tables of embeddings through the three workflows. */
class EmbeddingTest {
  /** A bag of words and a linear layer. */
  private static final class Words extends Module {
    private final Key bag = child("bag", new EmbeddingBag(50, 12, EmbeddingBag.Mode.MEAN));
    private final Key fc = child("fc", new Linear(12, 3));

    @Override
    public Tensor forward(Tensor... in) {
      return run(fc, run(bag, in));
    }
  }

  private static Module words() {
    Init.seed(3);
    return new Words();
  }

  private static LongTensor indices(long seed) {
    return LongTensor.of(new Random(seed).longs(40, 0, 50).toArray(), 40);
  }

  private static final LongTensor OFFSETS = LongTensor.of(new long[] {0, 3, 3, 17, 30}, 5);

  private static float[] floats(Tensor t) {
    return ((FloatTensor) t).toArray();
  }

  private static QConfigMapping bags(QConfig q, QConfig others) {
    return new QConfigMapping().setGlobal(others).setObjectType(EmbeddingBag.class, q);
  }

  @Test
  void dynamically() {
    Module m = words().eval();
    Quantization.Result r =
        Quantization.quantizeDynamicWithReport(
            m, bags(QConfigs.FLOAT_QPARAMS_WEIGHT_ONLY, QConfigs.DEFAULT_DYNAMIC));
    QuantizedEmbeddingBag bag =
        assertInstanceOf(QuantizedEmbeddingBag.class, r.model().module("bag"));
    assertInstanceOf(DynamicQuantizedLinear.class, r.model().module("fc"));
    assertEquals(8, bag.layout().bits());
    assertEquals(EmbeddingBag.Mode.MEAN, bag.mode());
    assertEquals(12 + 8, bag.packedRows().size(1), "a byte a value, then scale and bias");
    float[] w = floats(((EmbeddingBag) m.module("bag")).weight());
    assertArrayEquals(w, floats(bag.weight()), 0.02f);
    float[] y = floats(m.forward(indices(1), OFFSETS));
    assertArrayEquals(y, floats(r.model().forward(indices(1), OFFSETS)), 0.03f);

    // Its own QConfig is the wrong one, or there is none: the table stays, and the report says why.
    Quantization.Result none =
        Quantization.quantizeDynamicWithReport(
            m, new QConfigMapping().setGlobal(QConfigs.DEFAULT_DYNAMIC));
    assertEquals(Outcome.FLOAT, none.report().entry("bag").outcome());
    String detail = none.report().entry("bag").detail();
    assertTrue(detail.contains("FLOAT_QPARAMS_WEIGHT_ONLY"), detail);
    assertEquals(EmbeddingBag.class, Quantization.quantizeDynamic(m).module("bag").getClass());
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4})
  void statically(int bits) {
    QConfig q =
        bits == 8 ? QConfigs.FLOAT_QPARAMS_WEIGHT_ONLY : QConfigs.FLOAT_QPARAMS_WEIGHT_ONLY_4BIT;
    Embedding e = new Embedding(FloatTensor.of(new float[] {-1, 2, 0.5f, 3, 4, 5}, 2, 3));
    Module p =
        Quantization.prepare(
            new Sequential(e).eval(), new QConfigMapping().setObjectType(Embedding.class, q));
    LongTensor i = LongTensor.of(new long[] {1, 0, 1, 1}, 2, 2);
    p.forward(i);
    QuantizedEmbedding made =
        assertInstanceOf(QuantizedEmbedding.class, Quantization.convert(p).module("0"));
    assertEquals(bits, made.layout().bits());
    float[] y = floats(made.forward(i));
    float[] expected = {3, 4, 5, -1, 2, 0.5f, 3, 4, 5, 3, 4, 5};
    assertArrayEquals(expected, y, bits == 8 ? 0.01f : 0.12f);
    assertArrayEquals(new int[] {2, 2, 3}, made.forward(i).shape().dims());
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4})
  void whatWasTrainedIsDeployed(int bits) {
    QConfig q = bits == 8 ? QConfigs.DEFAULT_EMBEDDING_QAT : QConfigs.DEFAULT_EMBEDDING_QAT_4BIT;
    Quantization.Result r =
        Quantization.prepareQatWithReport(
            words().train(), new QConfigMapping().setObjectType(EmbeddingBag.class, q));
    Module t = r.model();
    assertInstanceOf(QatEmbeddingBag.class, t.module("bag"));
    assertEquals(Outcome.OBSERVED, r.report().entry("bag").outcome());
    SGD sgd = new SGD(t.parameters(), 0.5);
    double first = 0;
    double last = 0;
    for (int step = 0; step < 20; step++) {
      sgd.zeroGrad();
      try (Tape tape = Tape.record()) {
        Tensor y = t.forward(indices(step % 3), OFFSETS);
        Tensor loss = new MSELoss().forward(y, FloatTensor.full(0.3f, 5, 3));
        last = ((FloatTensor) loss).item();
        first = step == 0 ? last : first;
        tape.backward(loss);
      }
      sgd.step();
    }
    assertTrue(last < first / 2, first + " to " + last);
    Module d = Quantization.convert(t);
    QuantizedEmbeddingBag bag = assertInstanceOf(QuantizedEmbeddingBag.class, d.module("bag"));
    assertEquals(bits, bag.layout().bits());
    float[] twin = floats(t.eval().forward(indices(1), OFFSETS));
    // The rows' codes are the same; 4-bit rows keep scale and bias as float16.
    assertArrayEquals(twin, floats(d.forward(indices(1), OFFSETS)), bits == 8 ? 1e-5f : 4e-3f);
    // A checkpoint of the deployed one loads into another.
    Module other = d.copy();
    other.loadStateDict(d.stateDict());
    assertArrayEquals(
        floats(d.forward(indices(2), OFFSETS)), floats(other.forward(indices(2), OFFSETS)));
  }

  @Test
  void anEnginesQConfigLeavesTablesAlone() {
    Quantization.Result r =
        Quantization.prepareQatWithReport(words().train(), QConfigMapping.qat(Engine.X86));
    assertEquals(EmbeddingBag.class, r.model().module("bag").getClass());
    assertEquals(Outcome.FLOAT, r.report().entry("bag").outcome());
    r = Quantization.prepareWithReport(words().eval(), QConfigMapping.forEngine(Engine.X86));
    assertEquals(Outcome.FLOAT, r.report().entry("bag").outcome());
  }
}
