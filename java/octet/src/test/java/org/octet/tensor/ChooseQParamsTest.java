package org.octet.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ChooseQParamsTest {
  private static ChooseQParams u8(float min, float max) {
    return ChooseQParams.of(min, max, 0, 255, false, false);
  }

  /** Figures of PyTorch 1.13's torch._choose_qparams_per_tensor. */
  @Test
  void smallScaleIsRaised() {
    assertEquals(new ChooseQParams(6.1e-5f, 255), u8(-0.003616957f, -0.00013652793f));
    assertEquals(new ChooseQParams(6.1e-5f, 0), u8(0f, 0.001f));
    assertEquals(new ChooseQParams(6.1e-5f, 128), u8(-0.001f, 0.001f));
  }

  @Test
  void constantZeroAndEmpty() {
    assertEquals(new ChooseQParams(0.1f, 0), u8(0f, 0f));
    assertEquals(new ChooseQParams(0.1f, 0), u8(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY));
    assertEquals(new ChooseQParams(0.1f, 0), u8(0f, Float.MIN_VALUE));
  }

  @Test
  void plainAndReducedRange() {
    assertEquals(new ChooseQParams((float) (2.0 / 255), 128), u8(-1f, 1f));
    assertEquals(
        new ChooseQParams((float) (2.0 / 127), 64), ChooseQParams.of(-1f, 1f, 0, 255, false, true));
    assertEquals(
        new ChooseQParams((float) (3.0 / 127), 0), ChooseQParams.of(1f, 3f, 0, 255, false, true));
    assertEquals(
        new ChooseQParams((float) (2.0 / 127), 0),
        ChooseQParams.of(-1f, 1f, -128, 127, false, true));
  }

  @Test
  void preserveSparsityIsSymmetric() {
    assertEquals(new ChooseQParams(2f / 127, 0), ChooseQParams.of(-1f, 2f, -128, 127, true, false));
    assertEquals(new ChooseQParams(2f / 128, 0), ChooseQParams.of(-2f, 1f, -128, 127, true, false));
    assertEquals(
        new ChooseQParams((float) (2.0 / 255), -128),
        ChooseQParams.of(0f, 2f, -128, 127, true, false));
  }

  @Test
  void infinityIsDefined() {
    float inf = Float.POSITIVE_INFINITY;
    assertEquals(new ChooseQParams(inf, 0), u8(-1f, inf));
    assertEquals(new ChooseQParams(inf, 0), u8(-inf, inf));
    assertEquals(new ChooseQParams(inf, 255), u8(-inf, 0f));
  }

  @Test
  void zeroIsACodeAndTheRangeIsCovered() {
    Random random = new Random(2);
    for (int i = 0; i < 200_000; i++) {
      float a = (float) Math.scalb(random.nextGaussian(), random.nextInt(60) - 30);
      float b = (float) Math.scalb(random.nextGaussian(), random.nextInt(60) - 30);
      float lo = Math.min(a, b);
      float hi = Math.max(a, b);
      ChooseQParams q = u8(lo, hi);
      assertTrue(q.zeroPoint() >= 0 && q.zeroPoint() <= 255 && q.scale() > 0);
      double first = (0 - q.zeroPoint()) * (double) q.scale();
      double last = (255 - q.zeroPoint()) * (double) q.scale();
      double slack = 0.5001 * q.scale();
      assertTrue(lo >= first - slack && hi <= last + slack, lo + ".." + hi + " by " + q);
    }
  }
}
