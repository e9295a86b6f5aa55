package org.octet.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.octet.autograd.NoGrad;
import org.octet.autograd.Tape;
import org.octet.ops.ConvGeometry;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

class ModulesTest {
  private static FloatTensor random(int... dims) {
    Random r = new Random(9);
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = r.nextFloat() * 2 - 1;
    }
    t.copyFrom(v);
    return t;
  }

  private static Module net() {
    Map<String, Module> parts = new LinkedHashMap<>();
    parts.put("conv", new Conv2d(3, 4, ConvGeometry.square(3, 1, 1, 1, 1), false));
    parts.put("bn", new BatchNorm2d(4));
    parts.put(
        "tail",
        new Sequential(new ReLU6(), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(4, 2)));
    return new Sequential(parts);
  }

  @Test
  void stateHasPyTorchsNames() {
    assertEquals(
        List.of(
            "conv.weight",
            "bn.weight",
            "bn.bias",
            "bn.running_mean",
            "bn.running_var",
            "tail.3.weight",
            "tail.3.bias"),
        new ArrayList<>(net().stateDict().keySet()));
    assertEquals(
        List.of("conv.weight", "bn.weight", "bn.bias", "tail.3.weight", "tail.3.bias"),
        new ArrayList<>(net().namedParameters().keySet()));
  }

  @Test
  void initialWeightsAreUniformByFanIn() {
    Init.seed(1);
    Conv2d conv = new Conv2d(8, 64, 3, 1, 1, 1, 2, true);
    assertUniform(conv.weight(), 1 / Math.sqrt(4 * 9));
    assertUniform(conv.bias(), 1 / Math.sqrt(4 * 9));
    assertUniform(new Linear(100, 50).weight(), 0.1);
    assertUniform(new Conv1d(4, 100, 4).weight(), 0.25);
    Init.seed(1);
    assertArrayEquals(
        conv.weight().toArray(), new Conv2d(8, 64, 3, 1, 1, 1, 2, true).weight().toArray());
  }

  private static void assertUniform(FloatTensor t, double bound) {
    double max = 0;
    double squares = 0;
    for (float v : t.toArray()) {
      max = Math.max(max, Math.abs(v));
      squares += v * v / (double) t.numel();
    }
    assertTrue(max <= bound && max > 0.9 * bound, max + " of " + bound);
    assertEquals(bound * bound / 3, squares, 0.35 * bound * bound / 3);
  }

  @Test
  void batchNormKeepsRunningStatistics() {
    BatchNorm2d bn = new BatchNorm2d(2);
    float[] mean = {0, 0};
    float[] var = {1, 1};
    for (int step = 0; step < 3; step++) {
      FloatTensor x = random(3, 2, 2, 2);
      float[] v = x.toArray();
      for (int c = 0; c < 2; c++) {
        double m = 0;
        double s = 0;
        for (int i = 0; i < 24; i++) {
          m += i / 4 % 2 == c ? v[i] / 12 : 0;
        }
        for (int i = 0; i < 24; i++) {
          s += i / 4 % 2 == c ? (v[i] - m) * (v[i] - m) / 11 : 0; // unbiased
        }
        mean[c] = (float) (0.9 * mean[c] + 0.1 * m);
        var[c] = (float) (0.9 * var[c] + 0.1 * s);
      }
      if (step == 1) {
        try (Tape tape = Tape.record()) {
          bn.call(x);
        }
      } else {
        bn.call(x);
      }
      assertArrayEquals(mean, bn.runningMean().toArray(), 1e-6f);
      assertArrayEquals(var, bn.runningVar().toArray(), 1e-6f);
    }
    bn.eval();
    FloatTensor x = random(1, 2, 1, 1);
    float[] y = ((FloatTensor) bn.call(x)).toArray();
    for (int c = 0; c < 2; c++) {
      assertEquals((x.toArray()[c] - mean[c]) / Math.sqrt(var[c] + 1e-5), y[c], 1e-6);
    }
    assertArrayEquals(mean, bn.runningMean().toArray(), 1e-6f);
  }

  @Test
  void recordedAndPlainForwardAgree() {
    Module net = net().eval();
    FloatTensor x = random(2, 3, 7, 6);
    float[] plain = ((FloatTensor) net.call(x)).toArray();
    try (Tape tape = Tape.record()) {
      assertArrayEquals(plain, ((FloatTensor) net.call(x)).toArray(), 1e-5f);
      try (NoGrad off = NoGrad.enter()) {
        assertArrayEquals(plain, ((FloatTensor) net.call(x)).toArray());
      }
    }
  }

  @Test
  void dropoutOnlyWhileTraining() {
    Dropout d = new Dropout(0.25);
    FloatTensor x = FloatTensor.full(1f, 10000);
    int zeros = 0;
    for (float v : ((FloatTensor) d.call(x)).toArray()) {
      assertTrue(v == 0 || Math.abs(v - 4f / 3) < 1e-6, "value " + v);
      zeros += v == 0 ? 1 : 0;
    }
    assertEquals(2500, zeros, 250);
    d.eval();
    assertSame(x, d.call(x));
    assertThrows(OctetException.class, () -> new Dropout(1.5));
  }

  @Test
  void copiesShareNothing() {
    Sequential net = (Sequential) net();
    Sequential copy = (Sequential) net.copy();
    copy.add("more", new Identity());
    assertEquals(3, net.size());
    assertEquals(4, copy.size());
    Tensor before = net.stateDict().get("conv.weight");
    assertNotSame(before, copy.stateDict().get("conv.weight"));
    FloatTensor x = random(2, 3, 5, 5);
    assertArrayEquals(
        ((FloatTensor) net.call(x)).toArray(), ((FloatTensor) copy.call(x)).toArray());
  }

  @Test
  void errorsNameTheModule() {
    Module net = net().eval();
    ShapeException e = assertThrows(ShapeException.class, () -> net.call(random(2, 5, 7, 7)));
    assertTrue(
        e.getMessage().startsWith("conv: ") && e.getMessage().contains("[2, 5, 7, 7]"),
        e.getMessage());
    ShapeException empty =
        assertThrows(ShapeException.class, () -> net.call(FloatTensor.zeros(0, 3, 7, 7)));
    assertTrue(
        empty.getMessage().startsWith("conv: ") && empty.getMessage().contains("empty"),
        empty.getMessage());
    for (Module m : List.of(new Linear(3, 3), new BatchNorm1d(3).eval())) {
      Module outer = new Sequential(m);
      QuantizedTensor q = QuantizedTensor.quantizePerTensor(random(2, 3), 0.1, 0, DType.QINT8);
      DTypeException d = assertThrows(DTypeException.class, () -> outer.call(q));
      assertTrue(
          d.getMessage().startsWith("0: ") && d.getMessage().contains("DeQuantStub"),
          d.getMessage());
    }
    ShapeException one =
        assertThrows(
            ShapeException.class, () -> new Sequential(new BatchNorm1d(3)).call(random(1, 3)));
    assertTrue(one.getMessage().contains("larger batch"), one.getMessage());
    ShapeException labels =
        assertThrows(
            ShapeException.class,
            () -> new CrossEntropyLoss().call(random(2, 3), LongTensor.of(new long[] {0, 3}, 2)));
    assertTrue(labels.getMessage().contains("label 3"), labels.getMessage());
    assertThrows(ShapeException.class, () -> new MSELoss().call(random(2, 3), random(3, 2)));
    assertThrows(OctetException.class, () -> new MaxPool2d(2, 2, 2));
    assertThrows(OctetException.class, () -> new Conv2d(3, 4, 3, 1, 1, 1, 2, true));
    assertThrows(ShapeException.class, () -> new AvgPool2d(9).call(random(1, 1, 4, 4)));
    assertThrows(ShapeException.class, () -> new BatchNorm2d(3).call(random(2, 3)));
  }

  @Test
  void pointwiseModulesTakeCodes() {
    QuantizedTensor q =
        QuantizedTensor.quantizePerTensor(random(2, 3, 4, 4), 0.02, 10, DType.QINT8);
    FloatTensor x = q.dequantize();
    for (Module m :
        List.of(
            new ReLU(),
            new ReLU6(),
            new Hardtanh(-0.5f, 0.5f),
            new Hardswish(),
            new Sigmoid(),
            new Tanh(),
            new Hardsigmoid())) {
      QuantizedTensor y = (QuantizedTensor) m.call(q);
      float[] expected = ((FloatTensor) m.call(x)).toArray();
      float[] found = y.dequantize().toArray();
      for (int i = 0; i < found.length; i++) {
        assertEquals(expected[i], found[i], 0.51 * y.qScale(), m + " of " + x.toArray()[i]);
      }
    }
  }
}
