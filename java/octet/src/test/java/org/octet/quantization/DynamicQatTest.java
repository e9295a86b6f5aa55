package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.octet.autograd.Tape;
import org.octet.nn.Conv2d;
import org.octet.nn.Flatten;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.MSELoss;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.qat.QatLinear;
import org.octet.nn.qat.dynamic.DynamicQatLinear;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinear;
import org.octet.optim.SGD;
import org.octet.quantization.QuantizationReport.Outcome;
import org.octet.quantization.observer.CalibrationException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/** Training for dynamic quantization, and for weights or activations alone. */
class DynamicQatTest {
  private static final QConfigMapping DYNAMIC =
      new QConfigMapping().setGlobal(QConfigs.DEFAULT_DYNAMIC_QAT);

  private static Sequential net() {
    Init.seed(4);
    return new Sequential(
        new Conv2d(1, 3, 3), new Flatten(), new Linear(48, 9), new ReLU(), new Linear(9, 4));
  }

  private static FloatTensor random(long seed, int... dims) {
    Random r = new Random(seed);
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextGaussian();
    }
    t.copyFrom(v);
    return t;
  }

  private static float[] floats(Tensor t) {
    return ((FloatTensor) t).toArray();
  }

  private static double train(Module m, int steps) {
    SGD sgd = new SGD(m.parameters(), 0.05);
    double loss = 0;
    for (int i = 0; i < steps; i++) {
      sgd.zeroGrad();
      try (Tape tape = Tape.record()) {
        Tensor l =
            new MSELoss()
                .forward(m.forward(random(i % 3, 8, 1, 6, 6)), FloatTensor.full(0.5f, 8, 4));
        loss = ((FloatTensor) l).item();
        tape.backward(l);
      }
      sgd.step();
    }
    return loss;
  }

  @Test
  void linearLayersBecomeDynamicOnes() {
    Quantization.Result r = Quantization.prepareQatWithReport(net().train(), DYNAMIC);
    Module t = r.model();
    assertInstanceOf(DynamicQatLinear.class, t.module("2"));
    assertInstanceOf(FakeQuantize.class, t.module("2.activation_post_process"));
    assertEquals(Outcome.OBSERVED, r.report().entry("2").outcome());
    assertEquals(Outcome.FLOAT, r.report().entry("0").outcome());
    assertTrue(r.report().entry("0").detail().contains("dynamic"), r.report().entry("0").detail());
    double first = train(t, 1);
    double last = train(t, 30);
    assertTrue(last < first / 2, first + " to " + last);

    Module q = Quantization.convert(t);
    DynamicQuantizedLinear fc = assertInstanceOf(DynamicQuantizedLinear.class, q.module("2"));
    assertInstanceOf(DynamicQuantizedLinear.class, q.module("4"));
    assertEquals(Conv2d.class, q.module("0").getClass());
    assertFalse(fc.reduceRange());
    FloatTensor x = random(20, 5, 1, 6, 6);
    float[] twin = floats(t.eval().forward(x));
    float[] y = floats(q.forward(x));
    for (int i = 0; i < y.length; i++) {
      // The twin computes in float what the kernel does in integers.
      assertEquals(twin[i], y[i], 0.02f, "output " + i);
    }
  }

  /** The input is rounded, with the parameters of this input alone, and the result is not. */
  @Test
  void theInputIsRoundedNotTheResult() {
    Linear linear = new Linear(FloatTensor.of(new float[] {1, 0, 0, 1}, 2, 2), null);
    Module t = Quantization.prepareQat(new Sequential(linear).train(), DYNAMIC);
    for (float size : new float[] {1000f, 1f}) {
      float[] y = floats(t.forward(FloatTensor.of(new float[] {0.3f * size, 2.55f * size}, 1, 2)));
      // Codes 30 and 255 of scale size / 100; weights 0 and 1 keep their values but for 1 / 127.5.
      float one = floats(t.forward(FloatTensor.of(new float[] {0f, size}, 1, 2)))[1] / size;
      assertEquals(0.3f * size * one, y[0], 1e-4f * size);
      assertEquals(2.55f * size * one, y[1], 1e-4f * size);
    }
    float[] y = floats(t.forward(FloatTensor.of(new float[] {0.004f, 2.55f}, 1, 2)));
    assertEquals(0f, y[0], "rounded to code 0");
  }

  @Test
  void halvedRangesAreDeployed() {
    QConfig half =
        new QConfig(
            FakeQuants.DEFAULT_DYNAMIC_FAKE_QUANT.quantRange(0, 127),
            FakeQuants.DEFAULT_PER_CHANNEL_WEIGHT_FAKE_QUANT);
    Module t = Quantization.prepareQat(net().train(), new QConfigMapping().setGlobal(half));
    train(t, 2);
    DynamicQuantizedLinear fc = (DynamicQuantizedLinear) Quantization.convert(t).module("4");
    assertTrue(fc.reduceRange());
    assertTrue(fc.weight().qparams().isPerChannel());
  }

  @Test
  void placeholdersAreStillRefused() {
    QConfigMapping placeholder = new QConfigMapping().setGlobal(QConfigs.DEFAULT_DYNAMIC);
    OctetException e =
        assertThrows(
            OctetException.class, () -> Quantization.prepareQat(net().train(), placeholder));
    assertTrue(e.getMessage().contains("DEFAULT_DYNAMIC_QAT"), e.getMessage());
  }

  @Test
  void weightsOrActivationsAlone() {
    Sequential model = new Sequential(new Linear(3, 2));
    FloatTensor x = random(1, 4, 3);
    float[] plain = floats(model.forward(x));

    Module w =
        Quantization.prepareQat(
            model.train(), new QConfigMapping().setGlobal(QConfigs.DEFAULT_WEIGHT_ONLY));
    assertInstanceOf(FakeQuantize.class, ((QatLinear) w.module("0")).weightFakeQuant());
    float[] rounded = floats(w.forward(x));
    assertFalse(java.util.Arrays.equals(plain, rounded));

    Module a =
        Quantization.prepareQat(
            model.train(), new QConfigMapping().setGlobal(QConfigs.DEFAULT_ACTIVATION_ONLY));
    FakeQuantize out = (FakeQuantize) a.module("0.activation_post_process");
    out.setFakeQuantEnabled(false);
    assertArrayEquals(plain, floats(a.forward(x)), "the weight is not rounded");
    out.setFakeQuantEnabled(true);
    float scale = out.scale().item();
    for (float v : floats(a.forward(x))) {
      assertEquals(Math.rint(v / scale), v / scale, 1e-3, "a multiple of the scale");
    }
    assertThrows(CalibrationException.class, () -> Quantization.convert(a));
  }
}
