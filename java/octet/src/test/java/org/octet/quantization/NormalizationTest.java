package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.graph.Tracer;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.BatchNorm3d;
import org.octet.nn.CELU;
import org.octet.nn.Conv2d;
import org.octet.nn.ELU;
import org.octet.nn.GELU;
import org.octet.nn.GroupNorm;
import org.octet.nn.Init;
import org.octet.nn.InstanceNorm1d;
import org.octet.nn.InstanceNorm2d;
import org.octet.nn.LayerNorm;
import org.octet.nn.LeakyReLU;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.Softmax;
import org.octet.nn.Threshold;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.ops.ReshapeOp;
import org.octet.ops.TransposeOp;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * The rest of a network: normalisations and functions become 8-bit ones, near the float model, and
 * eager, compiled and on the twin of one result.
 */
class NormalizationTest {
  private static FloatTensor random(long seed, int... dims) {
    Random r = new Random(seed);
    float[] v = new float[(int) Shape.of(dims).numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextGaussian();
    }
    return FloatTensor.of(v, dims);
  }

  /** Parameters that are not those of a new module. */
  private static <M extends Module> M learned(M m) {
    m.stateDict()
        .forEach(
            (name, t) -> {
              if (t instanceof FloatTensor f && f.shape().rank() > 0) {
                float[] v = f.toArray();
                for (int i = 0; i < v.length; i++) {
                  v[i] += 0.3f * (i % 4) * (name.endsWith("var") ? 1 : 0.5f);
                }
                f.copyFrom(v);
              }
            });
    return m;
  }

  private static Module converted(Module model, FloatTensor... calibration) {
    Module p =
        Quantization.prepare(Fusion.fuse(model.eval()), QConfigMapping.forEngine(Engine.QNNPACK));
    for (FloatTensor x : calibration) {
      p.forward(x);
    }
    return Quantization.convert(p);
  }

  private static void check(double leastSqnr, String types, Sequential body, int... dims) {
    Init.seed(4);
    Sequential model = new Sequential(new QuantStub(), body, new DeQuantStub());
    FloatTensor[] batches = {random(1, dims), random(2, dims)};
    Module q = converted(model, batches);
    List<String> found =
        q.module("1").namedChildren().values().stream()
            .map(m -> m.getClass().getSimpleName())
            .filter(n -> !n.equals("Identity"))
            .collect(Collectors.toList());
    assertEquals(List.of(types.split(" ")), found);
    float[] exact = ((FloatTensor) model.forward(batches[0])).toArray();
    float[] y = ((FloatTensor) q.forward(batches[0])).toArray();
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < y.length; i++) {
      signal += (double) exact[i] * exact[i];
      noise += ((double) exact[i] - y[i]) * ((double) exact[i] - y[i]);
    }
    double sqnr = 10 * Math.log10(signal / noise);
    assertTrue(sqnr > leastSqnr, types + ": " + sqnr + " dB");
    float[] twin =
        Backends.with(
            JavaBackend.instance(), () -> ((FloatTensor) q.forward(batches[0])).toArray());
    assertArrayEquals(twin, y, "twin");
    try (Program program = Program.compile(Tracer.trace(q, batches[0]))) {
      assertArrayEquals(y, ((FloatTensor) program.run(batches[0])).toArray(), "program");
    }
    Module again = converted(model, batches[1]);
    again.loadStateDict(q.stateDict());
    assertArrayEquals(y, ((FloatTensor) again.forward(batches[0])).toArray(), "loaded");
  }

  @Test
  void batchNormOutsideOfAFusion() {
    check(30, "QuantizedBatchNorm2d", new Sequential(learned(new BatchNorm2d(5))), 2, 5, 6, 7);
    check(30, "QuantizedBatchNorm3d", new Sequential(learned(new BatchNorm3d(3))), 2, 3, 4, 3, 2);
    check(
        25,
        "QuantizedBNReLU2d QuantizedConv2d",
        new Sequential(learned(new BatchNorm2d(5)), new ReLU(), new Conv2d(5, 20, 3)),
        2,
        5,
        6,
        7);
  }

  @Test
  void normalisations() {
    check(30, "QuantizedLayerNorm", new Sequential(learned(new LayerNorm(19))), 2, 3, 19);
    check(
        30,
        "QuantizedLayerNorm",
        new Sequential(new LayerNorm(Shape.of(4, 5), 1e-3, false)),
        6,
        4,
        5);
    check(30, "QuantizedGroupNorm", new Sequential(learned(new GroupNorm(2, 6))), 2, 6, 5, 4);
    check(30, "QuantizedInstanceNorm1d", new Sequential(new InstanceNorm1d(6)), 2, 6, 9);
    check(
        30,
        "QuantizedInstanceNorm2d",
        new Sequential(learned(new InstanceNorm2d(6, 1e-5, true))),
        2,
        6,
        5,
        4);
  }

  /** Self-attention with heads, as a user would write it. */
  private static final class Attention extends Module {
    private static final int HEADS = 2;
    private final Key query = child("query", new Linear(12, 12));
    private final Key key = child("key", new Linear(12, 12));
    private final Key value = child("value", new Linear(12, 12));
    private final Key scores = child("scores", new FloatFunctional());
    private final Key softmax = child("softmax", new Softmax(-1));
    private final Key mix = child("mix", new FloatFunctional());
    private final Key out = child("out", new Linear(12, 12));

    private static Tensor heads(Tensor x) {
      Tensor split = new ReshapeOp(x.size(0), x.size(1), HEADS, x.size(2) / HEADS).apply(x);
      return new TransposeOp(1, 2).apply(split);
    }

    @Override
    public Tensor forward(Tensor... in) {
      Tensor q = heads(run(query, in));
      Tensor k = new TransposeOp(-2, -1).apply(heads(run(key, in)));
      Tensor v = heads(run(value, in));
      Tensor s = functional(scores).matmul(functional(scores).mulScalar(q, 1 / Math.sqrt(6)), k);
      Tensor y = new TransposeOp(1, 2).apply(functional(mix).matmul(run(softmax, s), v));
      return run(out, new ReshapeOp(in[0].shape().dims()).apply(y));
    }
  }

  @Test
  void attention() {
    check(
        25,
        "QuantizedLayerNorm Attention",
        new Sequential(new LayerNorm(12), new Attention()),
        3,
        7,
        12);
  }

  @Test
  void functions() {
    check(
        25,
        "QuantizedLinear GELU QuantizedLinear Softmax",
        new Sequential(new Linear(12, 20), new GELU(), new Linear(20, 7), new Softmax(-1)),
        9,
        12);
    check(
        25,
        "QuantizedELU QuantizedLeakyReLU CELU Threshold",
        new Sequential(
            new ELU(0.7f), new LeakyReLU(0.1f), new CELU(1.3f), new Threshold(-0.01f, -0.02f)),
        9,
        12);
    check(
        20,
        "QuantizedConv2d Softmax",
        new Sequential(new Conv2d(3, 6, 1), new Softmax(1)),
        2,
        3,
        4,
        5);
  }
}
