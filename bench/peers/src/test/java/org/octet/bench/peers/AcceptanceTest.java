package org.octet.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Param;

/** The shapes of the benchmarks and the rows of the table are the same. */
class AcceptanceTest {
  @Test
  void everyShapeHasItsFigure() throws ReflectiveOperationException {
    for (Class<?> bench :
        List.of(
            GemmStaticBench.class,
            GemmDynamicBench.class,
            ConvInt8Bench.class,
            GemmFp32Bench.class)) {
      List<String> shapes = List.of(bench.getField("shape").getAnnotation(Param.class).value());
      List<String> figures =
          Acceptance.all().stream()
              .filter(f -> f.bench().equals(bench.getSimpleName()))
              .map(Acceptance.Figure::shape)
              .toList();
      assertEquals(shapes, figures, bench.getSimpleName());
    }
  }
}
