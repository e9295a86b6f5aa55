package org.octet.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Random;
import java.util.function.Function;
import org.octet.ops.BinaryOp;
import org.octet.ops.Forward;
import org.octet.ops.SumOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * Compares a recorded forward and its gradients with an independent forward in double and its
 * central differences.
 */
final class GradientCheck {
  private static final double STEP = 1e-5;

  private GradientCheck() {}

  /** Values in -1..1 that are far from each other, so that a small step changes no maximum. */
  static FloatTensor distinct(Random random, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      int j = random.nextInt(i + 1);
      v[i] = v[j];
      v[j] = 2f * i / v.length - 1;
    }
    t.copyFrom(v);
    return t;
  }

  /** Random values in -1..1. */
  static FloatTensor random(Random random, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = random.nextFloat() * 2 - 1;
    }
    t.copyFrom(v);
    return t;
  }

  /**
   * Checks {@code forward} against {@code reference}, which gets the inputs' values in logical
   * order and gives the result's; the loss is a random weighting of the result.
   */
  static void check(
      Random random,
      Forward forward,
      Function<double[][], double[]> reference,
      FloatTensor... inputs) {
    double[][] values = new double[inputs.length][];
    for (int i = 0; i < inputs.length; i++) {
      values[i] = doubles(inputs[i].toArray());
      inputs[i].requiresGrad(true);
      inputs[i].setGrad(null);
    }
    double[] expected = reference.apply(values);
    float[] weights;
    try (Tape tape = Tape.record()) {
      Tensor y = forward.forward(inputs);
      FloatTensor w = random(random, y.shape().dims());
      weights = w.toArray();
      float[] found = ((FloatTensor) y).toArray();
      assertEquals(expected.length, found.length, "elements of the result");
      for (int i = 0; i < found.length; i++) {
        assertEquals(expected[i], found[i], 2e-5 * (1 + Math.abs(expected[i])), "result " + i);
      }
      tape.backward(SumOp.SUM.apply(BinaryOp.MUL.apply(y, w)));
    }
    for (int i = 0; i < inputs.length; i++) {
      assertNotNull(inputs[i].grad(), "gradient of input " + i);
      assertEquals(inputs[i].shape(), inputs[i].grad().shape());
      float[] grad = inputs[i].grad().toArray();
      double scale = 1;
      for (float g : grad) {
        scale = Math.max(scale, Math.abs(g));
      }
      for (int j = 0; j < grad.length; j++) {
        double x = values[i][j];
        values[i][j] = x + STEP;
        double above = dot(reference.apply(values), weights);
        values[i][j] = x - STEP;
        double below = dot(reference.apply(values), weights);
        values[i][j] = x;
        assertEquals(
            (above - below) / (2 * STEP),
            grad[j],
            1e-4 * scale,
            "gradient of input " + i + ", element " + j);
      }
    }
  }

  private static double[] doubles(float[] x) {
    double[] d = new double[x.length];
    for (int i = 0; i < d.length; i++) {
      d[i] = x[i];
    }
    return d;
  }

  private static double dot(double[] y, float[] w) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += y[i] * w[i];
    }
    return sum;
  }
}
