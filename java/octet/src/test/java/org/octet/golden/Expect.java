package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** Comparisons with recorded values. */
final class Expect {
  private Expect() {}

  /** Codes within the tolerance; dtype, shape and parameters exactly (scales as float32). */
  static void quantized(String what, JsonElement expected, Tensor actual, Tolerance tolerance) {
    JsonObject e = expected.getAsJsonObject();
    assertTrue(actual instanceof QuantizedTensor, what + " is quantized");
    QuantizedTensor q = (QuantizedTensor) actual;
    assertArrayEquals(GoldenCase.shape(e), q.shape().dims(), what + ": shape");
    params(what, GoldenCase.qparams(e), q.qparams());
    codes(what, GoldenCase.intValues(e), q.intRepr(), tolerance);
  }

  static void params(String what, QParams expected, QParams actual) {
    assertEquals(expected.dtype(), actual.dtype(), what + ": dtype");
    assertEquals(expected.axis(), actual.axis(), what + ": axis");
    assertEquals(expected.scheme(), actual.scheme(), what + ": scheme");
    assertArrayEquals(expected.floatZeroPoints(), actual.floatZeroPoints(), what + ": zero points");
    assertArrayEquals(expected.scales(), actual.scales(), what + ": scales");
  }

  static void codes(String what, int[] expected, int[] actual, Tolerance tolerance) {
    assertEquals(expected.length, actual.length, what + ": number of codes");
    int off = 0;
    for (int i = 0; i < expected.length; i++) {
      long distance = Math.abs((long) expected[i] - actual[i]);
      if (distance > tolerance.quanta()) {
        fail(
            what
                + ": code "
                + i
                + " is "
                + actual[i]
                + ", expected "
                + expected[i]
                + " +-"
                + tolerance.quanta());
      }
      off += distance > 0 ? 1 : 0;
    }
    if (off > tolerance.mayDiffer(expected.length)) {
      fail(
          what
              + ": "
              + off
              + " of "
              + expected.length
              + " codes differ; allowed "
              + tolerance.mayDiffer(expected.length));
    }
  }

  /** Values and shape. */
  static void floats(String what, JsonElement expected, Tensor actual, Tolerance tolerance) {
    assertTrue(actual instanceof FloatTensor, what + " is float");
    assertArrayEquals(GoldenCase.shape(expected), actual.shape().dims(), what + ": shape");
    floats(what, GoldenCase.floatValues(expected), ((FloatTensor) actual).toArray(), tolerance);
  }

  static void floats(String what, float[] expected, float[] actual, Tolerance tolerance) {
    assertEquals(expected.length, actual.length, what + ": number of values");
    for (int i = 0; i < expected.length; i++) {
      close(what + "[" + i + "]", expected[i], actual[i], tolerance.abs(), tolerance.rel());
    }
  }

  static void close(String what, double expected, double actual, double abs, double rel) {
    if (expected == actual || (Double.isNaN(expected) && Double.isNaN(actual))) {
      return;
    }
    // Not "distance > bound": an infinite or NaN distance must fail.
    if (!(Math.abs(actual - expected) <= abs + rel * Math.abs(expected))
        || Double.isInfinite(expected)) {
      fail(
          what
              + " is "
              + actual
              + ", expected "
              + expected
              + " +-("
              + abs
              + " + "
              + rel
              + " * |expected|)");
    }
  }

  /** State dicts: the same keys, and every float value within the tolerance. */
  static void state(
      String what, JsonObject expected, Map<String, Tensor> actual, Tolerance tolerance) {
    for (Map.Entry<String, JsonElement> e : expected.entrySet()) {
      // PyTorch's counter of training batches, and eps, which is an option of Octet's observers.
      if (e.getKey().endsWith("num_batches_tracked") || e.getKey().endsWith(".eps")) {
        continue;
      }
      Tensor t = actual.get(e.getKey());
      assertTrue(
          t != null, what + ": \"" + e.getKey() + "\" is missing; there are " + actual.keySet());
      if (t instanceof LongTensor l) {
        long[] values = l.toArray();
        int[] expectedValues = GoldenCase.intValues(e.getValue());
        assertEquals(
            expectedValues.length, values.length, what + " " + e.getKey() + ": number of values");
        for (int i = 0; i < values.length; i++) {
          assertEquals(expectedValues[i], values[i], what + " " + e.getKey() + "[" + i + "]");
        }
      } else {
        floats(what + " " + e.getKey(), e.getValue(), t, tolerance);
      }
    }
    for (String key : actual.keySet()) {
      assertTrue(
          expected.has(key),
          what + ": \"" + key + "\" was not expected; expected " + expected.keySet());
    }
  }
}
