package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class FpTest {
  @Test
  void rintAndToCodeRoundHalfToEven() {
    for (int i = -131072; i <= 131072; i++) {
      float t = i * 0.25f;
      assertEquals(Math.rint((double) t) + 0.0, (double) Fp.rint(t), "rint " + t);
    }
    assertEquals(0, Fp.toCode(Float.NaN, -7, 248, 7));
    assertEquals(255, Fp.toCode(Float.POSITIVE_INFINITY, -7, 248, 7));
    assertEquals(0, Fp.toCode(-3e38f, -7, 248, 7));
    assertEquals(9, Fp.toCode(2.5f, -7, 248, 7));
    assertEquals(11, Fp.toCode(3.5f, -7, 248, 7));
  }

  /** Largest distance to {@code exact} in units of the last place of the exact result. */
  private static double worstUlps(
      String name, float from, float to, DoubleUnaryOperator exact, Function f) {
    double worst = 0;
    for (int i = 0; i <= 400_000; i++) {
      float x = from + (to - from) * (i / 400_000f);
      double e = exact.applyAsDouble(x);
      worst = Math.max(worst, Math.abs(f.of(x) - e) / Math.ulp((float) e));
    }
    System.out.println(name + ": at most " + worst + " ulp");
    return worst;
  }

  private interface Function {
    float of(float x);
  }

  @Test
  void functionsAreAccurate() {
    assertTrue(worstUlps("exp", -87.3f, 88.3f, Math::exp, Fp::exp) < 1.5);
    assertTrue(worstUlps("sigmoid", -80f, 80f, x -> 1 / (1 + Math.exp(-x)), Fp::sigmoid) < 4);
    assertTrue(worstUlps("tanh", -20f, 20f, Math::tanh, Fp::tanh) < 4);
    assertTrue(worstUlps("tanh near 0", -0.7f, 0.7f, Math::tanh, Fp::tanh) < 4);
    assertTrue(worstUlps("expm1", -80f, 80f, Math::expm1, Fp::expm1) < 4);
    assertTrue(worstUlps("expm1 near 0", -0.7f, 0.7f, Math::expm1, Fp::expm1) < 4);
    assertTrue(worstUlps("gelu above 0", 1e-30f, 80f, FpTest::gelu, Fp::gelu) < 6);
    assertTrue(worstUlps("gelu near 0", -1f, 1f, FpTest::gelu, Fp::gelu) < 6);
    for (float x = -80f; x < 0; x += 1e-3f) {
      assertEquals(gelu(x), Fp.gelu(x), 6e-8, "gelu of " + x);
      assertEquals(geluTanh(x), Fp.geluTanh(x), 6e-8, "gelu by tanh of " + x);
    }
    assertTrue(worstUlps("gelu by tanh above 0", 1e-3f, 80f, FpTest::geluTanh, Fp::geluTanh) < 6);
  }

  /** x Phi(x) by Simpson's rule from 0, and by the asymptotic series in the tails. */
  private static double gelu(double x) {
    double a = Math.abs(x);
    double density = Math.exp(-a * a / 2) / Math.sqrt(2 * Math.PI);
    double tail;
    if (a > 7) {
      double z = 1 / (a * a);
      tail = density / a * (1 - z * (1 - 3 * z * (1 - 5 * z * (1 - 7 * z * (1 - 9 * z)))));
    } else {
      int steps = 400;
      double h = a / steps;
      double sum = 1 + Math.exp(-a * a / 2);
      for (int i = 1; i < steps; i++) {
        sum += (i % 2 == 1 ? 4 : 2) * Math.exp(-(i * h) * (i * h) / 2);
      }
      tail = 0.5 - sum * h / 3 / Math.sqrt(2 * Math.PI);
    }
    return x < 0 ? x * tail : x * (1 - tail);
  }

  private static double geluTanh(double x) {
    double u = 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    return x / (1 + Math.exp(-u));
  }

  @Test
  void rowsAddInSixteenLanes() {
    float[] lanes = new float[16];
    lanes[0] = 1e8f;
    lanes[8] = 1f;
    lanes[1] = -1e8f;
    lanes[9] = 8f;
    assertEquals(8f, Fp.sum16(lanes)); // 1e8 + 1 = 1e8; -1e8 + 8 = -99999992; their sum
    assertEquals(0f, Fp.expOrZero(-88f));
    assertEquals(Fp.exp(-87f), Fp.expOrZero(-87f));
    assertTrue(Float.isNaN(Fp.expOrZero(Float.NaN)));
  }

  @Test
  void functionsAtTheEdges() {
    float inf = Float.POSITIVE_INFINITY;
    assertEquals(1f, Fp.exp(0f));
    assertEquals(Fp.exp(88.37626f), Fp.exp(inf));
    assertTrue(Fp.exp(inf) < inf && Fp.exp(inf) > 2.3e38f);
    assertTrue(Fp.exp(-inf) >= Float.MIN_NORMAL * 0.99f && Fp.exp(-inf) < 1.2e-38f);
    assertEquals(1f, Fp.sigmoid(inf));
    assertEquals(0.5f, Fp.sigmoid(0f));
    assertTrue(Fp.sigmoid(-inf) < 1e-38f);
    assertEquals(1f, Fp.tanh(inf));
    assertEquals(-1f, Fp.tanh(-inf));
    assertEquals(-Fp.tanh(0.7f), Fp.tanh(-0.7f));
    assertEquals(0f, Fp.hardswish(-3f) + 0f);
    assertEquals(4f, Fp.hardswish(4f));
    assertEquals(1f, Fp.hardsigmoid(3f));
    assertEquals(0f, Fp.hardsigmoid(-3f));
    assertEquals(0.5f, Fp.hardsigmoid(0f));
    assertEquals(0f, Fp.expm1(0f) + 0f);
    assertEquals(-1f, Fp.expm1(-inf));
    assertEquals(-2f, Fp.elu(-inf, 2f, 1f));
    assertEquals(inf, Fp.gelu(inf));
    assertEquals(0f, Fp.gelu(-inf), 1e-14f);
    assertEquals(inf, Fp.geluTanh(inf));
    assertEquals(0f, Fp.geluTanh(-inf), 1e-30f);
    for (Function f :
        new Function[] {
          Fp::exp,
          Fp::expm1,
          Fp::sigmoid,
          Fp::tanh,
          Fp::hardswish,
          Fp::hardsigmoid,
          Fp::gelu,
          Fp::geluTanh,
          x -> Fp.elu(x, 1f, 1f),
          x -> Fp.clamp(x, 0, 1)
        }) {
      assertTrue(Float.isNaN(f.of(Float.NaN)));
    }
  }
}
