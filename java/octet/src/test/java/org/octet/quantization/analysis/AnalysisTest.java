package org.octet.quantization.analysis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.octet.nn.Conv;
import org.octet.nn.Conv2d;
import org.octet.nn.Init;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.ConvGeometry;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.Engine;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QuantStub;
import org.octet.quantization.Quantization;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;

/** An inverted residual without its addition: expand, depthwise, project. */
class AnalysisTest {
  private static final List<CrossLayerEqualization.Pair> PAIRS =
      List.of(new CrossLayerEqualization.Pair("1", "3"), new CrossLayerEqualization.Pair("3", "5"));

  private static FloatTensor random(long seed, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    SplittableRandom r = new SplittableRandom(seed);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextDouble(-1, 1);
    }
    t.copyFrom(v);
    return t;
  }

  /** With channels whose scales differ by up to 2^7, as batch normalisation leaves them. */
  private static Module model() {
    Init.seed(1);
    Conv2d expand = new Conv2d(3, 8, 1);
    float[] w = expand.weight().toArray();
    for (int i = 0; i < w.length; i++) {
      w[i] *= 1 << i / 3;
    }
    expand.weight().copyFrom(w);
    Module m =
        new Sequential(
            new QuantStub(),
            expand,
            new ReLU(),
            new Conv2d(8, 8, ConvGeometry.square(3, 1, 1, 1, 8), true),
            new ReLU(),
            new Conv2d(8, 4, 1),
            new DeQuantStub());
    return Fusion.fuse(m.eval());
  }

  private static float[] ranges(Module m, String path, boolean output) {
    Module at = m.module(path);
    Conv c = (Conv) (at instanceof Conv ? at : at.namedChildren().get("0"));
    int out = c.weight().size(0);
    int in = c.weight().size(1);
    float[] w = c.weight().toArray();
    int taps = w.length / out / in;
    Map<Integer, float[]> r = new TreeMap<>();
    for (int i = 0; i < w.length; i++) {
      int channel = output || in == 1 ? i / (in * taps) : i / taps % in;
      float[] v = r.computeIfAbsent(channel, k -> new float[] {Float.MAX_VALUE, -Float.MAX_VALUE});
      v[0] = Math.min(v[0], w[i]);
      v[1] = Math.max(v[1], w[i]);
    }
    float[] result = new float[r.size()];
    r.forEach((k, v) -> result[k] = v[1] - v[0]);
    return result;
  }

  @Test
  void equalizationKeepsTheFunctionAndEqualizes() {
    Module model = model();
    FloatTensor x = random(2, 2, 3, 6, 6);
    float[] before = ((FloatTensor) model.forward(x)).toArray();
    float[] weight = ((FloatTensor) model.stateDict().get("1.0.weight")).toArray();
    Module equal = CrossLayerEqualization.equalize(model, PAIRS, 1e-6);
    assertArrayEquals(
        weight,
        ((FloatTensor) model.stateDict().get("1.0.weight")).toArray(),
        "the model is not changed");
    assertArrayEquals(before, ((FloatTensor) equal.forward(x)).toArray(), 2e-4f * max(before));
    assertArrayEquals(ranges(equal, "1", true), ranges(equal, "3", false), 1e-3f);
    assertArrayEquals(ranges(equal, "3", true), ranges(equal, "5", false), 1e-3f);
  }

  private static float max(float[] v) {
    float m = 0;
    for (float x : v) {
      m = Math.max(m, Math.abs(x));
    }
    return m;
  }

  @Test
  void deadChannelsStayFinite() {
    Module m = new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Conv2d(2, 2, 1)).eval();
    float[] w = ((Conv2d) m.module("0")).weight().toArray();
    java.util.Arrays.fill(w, 0, 9, 0f);
    ((Conv2d) m.module("0")).weight().copyFrom(w);
    Module equal =
        CrossLayerEqualization.equalize(m, List.of(new CrossLayerEqualization.Pair("0", "2")));
    for (float v : ((Conv2d) equal.module("2")).weight().toArray()) {
      assertTrue(Float.isFinite(v));
    }
  }

  @Test
  void wrongPairsAreRefused() {
    Module model = model();
    for (CrossLayerEqualization.Pair p :
        List.of(
            new CrossLayerEqualization.Pair("3", "1"),
            new CrossLayerEqualization.Pair("0", "1"),
            new CrossLayerEqualization.Pair("1", "nowhere"))) {
      assertThrows(
          OctetException.class,
          () -> CrossLayerEqualization.equalize(model, List.of(p)),
          p.toString());
    }
  }

  @Test
  void biasCorrectionRemovesTheMeanError() {
    Module model = model();
    List<FloatTensor> data = List.of(random(3, 8, 3, 6, 6), random(4, 8, 3, 6, 6));
    Module quantized =
        Quantization.quantize(
            model, QConfigMapping.forEngine(Engine.QNNPACK), p -> data.forEach(p::forward));
    Module corrected = BiasCorrection.correct(model, quantized, data);
    double before = meanError(model, quantized, data);
    double after = meanError(model, corrected, data);
    assertTrue(before > 0, "there is an error to correct");
    assertTrue(after < 0.7 * before, "mean error " + before + " before, " + after + " after");
    assertEquals(before, meanError(model, quantized, data), "the quantized model is not changed");
    assertThrows(OctetException.class, () -> BiasCorrection.correct(model, quantized, List.of()));
  }

  /** Sum over channels of |mean(quantized - float)| of the outputs. */
  private static double meanError(Module model, Module quantized, List<FloatTensor> data) {
    double[] sums = new double[4];
    for (FloatTensor x : data) {
      float[] f = ((FloatTensor) model.forward(x)).toArray();
      float[] q = ((FloatTensor) quantized.forward(x)).toArray();
      for (int i = 0; i < f.length; i++) {
        sums[i / 36 % 4] += q[i] - f[i];
      }
    }
    double sum = 0;
    for (double s : sums) {
      sum += Math.abs(s) / (16 * 36);
    }
    return sum;
  }
}
