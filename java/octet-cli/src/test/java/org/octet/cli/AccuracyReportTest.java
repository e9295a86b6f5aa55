package org.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.octet.cli.AccuracyReport.Interval;

class AccuracyReportTest {
  @Test
  void intervalIsStudents() {
    Interval three = Interval.of(new double[] {1, 2, 3});
    assertEquals(2, three.mean());
    // Deviation 1, t(2) = 4.303.
    assertEquals(4.303 / Math.sqrt(3), three.halfWidth(), 1e-9);
    assertEquals(0.0, Interval.of(new double[] {5, 5}).halfWidth());
    assertNull(Interval.of(new double[] {5}).halfWidth());
    assertEquals("5.00 +- n/a", Interval.of(new double[] {5}).text("%.2f"));
  }

  @Test
  void onlyANotableLossIsWonBack() {
    Interval floats = Interval.of(new double[] {80, 90});
    assertEquals(
        0.9,
        AccuracyReport.recovery(
                "x", floats, Interval.of(new double[] {75, 75}), Interval.of(new double[] {84, 84}))
            .wonBack(),
        1e-9);
    assertTrue(
        Double.isNaN(
            AccuracyReport.recovery("x", floats, Interval.of(new double[] {83, 83}), floats)
                .wonBack()));
  }
}
