package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.example.models.ResidualNet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.backend.NativeBackend;
import org.octet.natives.NativeLibrary;
import org.octet.nn.Init;
import org.octet.nn.Module;
import org.octet.quantization.observer.HistogramObserver;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.MovingAveragePerChannelMinMaxObserver;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Calibration gives the same bits on the Java twin and on every instruction set that this machine
 * runs.
 */
class BackendsAgreeTest {
  private static final List<Backend> OTHERS = new ArrayList<>();

  static {
    if (NativeLibrary.isAvailable()) {
      OTHERS.addAll(NativeBackend.available());
    }
    System.out.println("calibration compared with the Java twin on: " + OTHERS);
  }

  /**
   * What calibration and conversion leave behind: statistics, parameters, weights' codes, and an
   * answer.
   */
  private static Map<String, float[]> workflow(Engine engine) {
    Init.seed(13);
    Module p =
        Quantization.prepare(
            Fusion.fuse(new ResidualNet().eval()), QConfigMapping.forEngine(engine));
    for (int i = 0; i < 3; i++) {
      p.forward(UserModelTest.batch(i, 3));
    }
    Map<String, float[]> out = new LinkedHashMap<>();
    p.stateDict().forEach((name, t) -> out.put("prepared " + name, values(t)));
    Module q = Quantization.convert(p);
    q.stateDict().forEach((name, t) -> out.put("converted " + name, values(t)));
    out.put("y", values(q.forward(UserModelTest.batch(9, 3))));
    return out;
  }

  private static float[] values(Tensor t) {
    if (t instanceof FloatTensor f) {
      return f.toArray();
    }
    return t instanceof QuantizedTensor q ? q.dequantize().toArray() : new float[0];
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void workflowsGiveTheSameBits(Engine engine) {
    Map<String, float[]> twin = Backends.with(JavaBackend.instance(), () -> workflow(engine));
    for (Backend b : OTHERS) {
      Map<String, float[]> other = Backends.with(b, () -> workflow(engine));
      assertEquals(twin.keySet(), other.keySet());
      twin.forEach((name, v) -> assertArrayEquals(v, other.get(name), b + ": " + name));
    }
  }

  @Test
  void statisticsOfAwkwardSizesGiveTheSameBits() {
    for (int n : new int[] {1, 2, 7, 15, 16, 17, 31, 33, 63, 65, 127, 1000}) {
      float[][] twin = Backends.with(JavaBackend.instance(), () -> statistics(n));
      for (Backend b : OTHERS) {
        float[][] other = Backends.with(b, () -> statistics(n));
        for (int i = 0; i < twin.length; i++) {
          assertArrayEquals(twin[i], other[i], b + ", " + n + " values");
        }
      }
    }
  }

  private static float[][] statistics(int n) {
    HistogramObserver histogram = (HistogramObserver) HistogramObserver.withArgs().bins(37).get();
    MinMaxStatistics channels =
        (MinMaxStatistics)
            MovingAveragePerChannelMinMaxObserver.withArgs()
                .chAxis(1)
                .averagingConstant(0.3f)
                .get();
    for (int call = 0; call < 3; call++) {
      float[] v = new float[6 * n];
      for (int i = 0; i < v.length; i++) {
        v[i] = (float) Math.sin(i * 0.7 + call) * (call + 1) - (i % 5 == 0 ? 0f : 0.1f);
      }
      histogram.observe(FloatTensor.of(v, 6 * n));
      channels.observe(FloatTensor.of(v, 2, 3, n));
    }
    return new float[][] {
      histogram.histogram().toArray(),
      {histogram.minVal().item(), histogram.maxVal().item(), histogram.calculateQParams().scale()},
      channels.minVal().toArray(),
      channels.maxVal().toArray()
    };
  }
}
