package org.octet.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;

/** Rates against PyTorch's recursive formulas, worked out here step by step. */
class SchedulersTest {
  private static SGD optimizer(double rate) {
    return new SGD(List.of(FloatTensor.of(new float[] {1f}, 1).requiresGrad(true)), rate);
  }

  @Test
  void stepLR() {
    SGD o = optimizer(0.5);
    LRScheduler s = new StepLR(o, 3, 0.1);
    double lr = 0.5;
    for (int epoch = 0; epoch < 10; epoch++) {
      if (epoch > 0 && epoch % 3 == 0) {
        lr *= 0.1;
      }
      assertEquals(lr, o.learningRate(), 1e-15, "epoch " + epoch);
      assertEquals(o.learningRate(), s.lastLR());
      s.step();
    }
  }

  @Test
  void cosine() {
    SGD o = optimizer(0.5);
    LRScheduler s = new CosineAnnealingLR(o, 8, 0.05);
    double lr = 0.5;
    for (int epoch = 0; epoch <= 8; epoch++) {
      if (epoch > 0) {
        lr =
            (1 + Math.cos(Math.PI * epoch / 8))
                    / (1 + Math.cos(Math.PI * (epoch - 1) / 8))
                    * (lr - 0.05)
                + 0.05;
      }
      assertEquals(lr, o.learningRate(), 1e-12, "epoch " + epoch);
      s.step();
    }
  }

  @Test
  void warmUpThenCosine() {
    SGD o = optimizer(1);
    LRScheduler s =
        new SequentialLR(
            o,
            List.of(new LinearLR(o, 0.25, 3), new CosineAnnealingLR(o, 4), new StepLR(o, 1, 0.5)),
            3,
            5);
    double[] expected = {0.25, 0.5, 0.75, 1, (1 + Math.sqrt(0.5)) / 2, 1, 0.5, 0.25};
    for (int epoch = 0; epoch < expected.length; epoch++) {
      assertEquals(expected[epoch], o.learningRate(), 1e-12, "epoch " + epoch);
      s.step();
    }
    s.setLastEpoch(1);
    assertEquals(0.5, o.learningRate());
    assertEquals(1, s.lastEpoch());
  }

  @Test
  void nonsenseIsRefused() {
    SGD o = optimizer(1);
    LRScheduler s = new StepLR(o, 1);
    assertThrows(OctetException.class, () -> new StepLR(o, 0));
    assertThrows(OctetException.class, () -> new StepLR(o, 1, Double.NaN));
    assertThrows(OctetException.class, () -> new CosineAnnealingLR(o, -1));
    assertThrows(OctetException.class, () -> new LinearLR(o, 1.5, 3));
    assertThrows(OctetException.class, () -> new SequentialLR(o, List.of(s), 3));
    assertThrows(OctetException.class, () -> new SequentialLR(o, List.of(s, s, s), 3, 3));
    assertThrows(OctetException.class, () -> s.setLastEpoch(-1));
  }
}
