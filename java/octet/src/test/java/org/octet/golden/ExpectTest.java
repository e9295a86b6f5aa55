package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonParser;
import org.junit.jupiter.api.Test;

/** The comparisons themselves: what lies outside a tolerance fails. */
class ExpectTest {
  private static Tolerance tolerance(String json) {
    return Tolerance.of(JsonParser.parseString(json));
  }

  private static void fails(Runnable check) {
    assertThrows(AssertionError.class, check::run);
  }

  @Test
  void codes() {
    int[] expected = new int[100];
    int[] one = new int[100];
    one[7] = 1;
    int[] three = {1, -1, 1};
    three = java.util.Arrays.copyOf(three, 100);
    int[] far = new int[100];
    far[99] = 2;
    Tolerance t = tolerance("{\"quanta\":1,\"max_fraction_off\":0.02}");
    assertDoesNotThrow(() -> Expect.codes("q", expected, one, t));
    int[] off = three;
    fails(() -> Expect.codes("q", expected, off, t));
    assertDoesNotThrow(() -> Expect.codes("q", expected, off, tolerance("{\"quanta\":1}")));
    fails(() -> Expect.codes("q", expected, far, t));
    fails(() -> Expect.codes("q", expected, one, tolerance("{\"quanta\":0}")));
    fails(() -> Expect.codes("q", expected, one, Tolerance.EXACT));
    fails(() -> Expect.codes("q", expected, new int[99], t));
    assertEquals(1, t.mayDiffer(3));
    assertEquals(0, Tolerance.EXACT.mayDiffer(1000));
  }

  @Test
  void floats() {
    Tolerance t = tolerance("{\"rel\":1e-4,\"abs\":1e-4}");
    assertDoesNotThrow(
        () -> Expect.floats("y", new float[] {1f, Float.NaN}, new float[] {1.0001f, Float.NaN}, t));
    fails(() -> Expect.floats("y", new float[] {1f}, new float[] {1.0003f}, t));
    fails(() -> Expect.floats("y", new float[] {1f}, new float[] {Float.NaN}, t));
    fails(() -> Expect.floats("y", new float[] {Float.NaN}, new float[] {1f}, t));
    fails(() -> Expect.floats("y", new float[] {1f}, new float[] {Float.POSITIVE_INFINITY}, t));
    fails(() -> Expect.floats("y", new float[] {Float.POSITIVE_INFINITY}, new float[] {1f}, t));
    fails(
        () -> Expect.floats("y", new float[] {1f}, new float[] {Math.nextUp(1f)}, Tolerance.EXACT));
  }
}
