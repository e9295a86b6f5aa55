package org.octet.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;

/** Steps against PyTorch's formulas, worked out here in double. */
class OptimizersTest {
  private static final float[] GRADS = {0.5f, -0.25f, 1f, 0.125f};

  private static FloatTensor parameter() {
    return FloatTensor.of(new float[] {1f}, 1).requiresGrad(true);
  }

  private static void step(Optimizer o, FloatTensor p, float grad) {
    o.zeroGrad();
    p.setGrad(FloatTensor.of(new float[] {grad}, 1));
    o.step();
  }

  @Test
  void sgd() {
    for (boolean nesterov : new boolean[] {false, true}) {
      FloatTensor p = parameter();
      Optimizer o = new SGD(List.of(p), 0.1, 0.9, 0.01, nesterov);
      double x = 1;
      double v = 0;
      for (int t = 0; t < GRADS.length; t++) {
        double g = GRADS[t] + 0.01 * x;
        v = t == 0 ? g : 0.9 * v + g;
        x -= 0.1 * (nesterov ? g + 0.9 * v : v);
        step(o, p, GRADS[t]);
        assertEquals(x, p.item(), 1e-6, "step " + t);
      }
    }
    FloatTensor p = parameter();
    step(new SGD(List.of(p), 0.5), p, 0.5f);
    assertEquals(0.75f, p.item());
  }

  @Test
  void adam() {
    FloatTensor p = parameter();
    Optimizer o = new Adam(List.of(p), 0.1, 0.9, 0.999, 1e-8, 0.01);
    double x = 1;
    double m = 0;
    double v = 0;
    for (int t = 1; t <= GRADS.length; t++) {
      double g = GRADS[t - 1] + 0.01 * x;
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      x -= 0.1 * (m / (1 - Math.pow(0.9, t))) / (Math.sqrt(v / (1 - Math.pow(0.999, t))) + 1e-8);
      step(o, p, GRADS[t - 1]);
      assertEquals(x, p.item(), 2e-6, "step " + t);
    }
  }

  @Test
  void theLearningRateCanChange() {
    FloatTensor p = parameter();
    Optimizer o = new SGD(List.of(p), 0.5);
    o.setLearningRate(0.25);
    step(o, p, 1f);
    assertEquals(0.75f, p.item());
    o.zeroGrad();
    assertNull(p.grad());
    o.step();
    assertEquals(0.75f, p.item());
  }

  @Test
  void badValuesAreRefused() {
    List<FloatTensor> p = List.of(parameter());
    assertThrows(OctetException.class, () -> new SGD(List.of(), 0.1));
    assertThrows(OctetException.class, () -> new SGD(p, -0.1));
    assertThrows(OctetException.class, () -> new SGD(p, Double.NaN));
    assertThrows(OctetException.class, () -> new SGD(p, 0.1, 0, 0, true));
    assertThrows(OctetException.class, () -> new Adam(p, 0.1, 1, 0.999, 1e-8, 0));
  }
}
