package org.octet.bench;

import java.util.concurrent.TimeUnit;
import org.octet.backend.Backends;
import org.octet.ops.ExecutionContext;
import org.octet.ops.MinMaxOp;
import org.octet.quantization.FakeQuants;
import org.octet.quantization.observer.Observer;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What does fake quantization cost in training, in one pass and in two? */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FakeQuantizeBench {
  /** Elements; the last is a batch of 64 images of 16 channels. */
  @Param({"4096", "65536", "802816"})
  public int size;

  private static final float ROUND = 0x1.8p23f;
  private static final int BLOCK = 4096;
  private FloatTensor x;
  private Observer fused;
  private final float[] values = new float[BLOCK];

  /** Makes the operands. */
  @Setup
  public void setup() {
    x = new RandomTensors().floats(1f, size);
    fused = FakeQuants.DEFAULT_FUSED_ACT_FAKE_QUANT.get();
  }

  /** The module: one call of the backend. */
  @Benchmark
  public void onePass() {
    fused.call(x).close();
  }

  /** Minimum and maximum from the backend, then a pass in Java over blocks of arrays. */
  @Benchmark
  public void minMaxThenJava() {
    FloatTensor y = FloatTensor.empty(x.shape(), x.format());
    ExecutionContext context = new ExecutionContext(Backends.current(), null);
    float lo;
    float hi;
    try (Tensor t = MinMaxOp.PER_TENSOR.execute(context, x)[0]) {
      lo = ((FloatTensor) t).get(0, 0);
      hi = ((FloatTensor) t).get(0, 1);
    }
    float scale = (hi - lo) / 255;
    float z = (float) Math.rint(-lo / scale);
    for (int at = 0; at < size; at += BLOCK) {
      int n = Math.min(BLOCK, size - at);
      x.borrow().get(at, values, 0, n);
      round(n, scale, z);
      y.borrow().put(at, values, 0, n);
    }
    y.close();
  }

  private void round(int n, float scale, float z) {
    float inverse = 1f / scale;
    float least = -z;
    float most = 255 - z;
    float[] v = values;
    for (int i = 0; i < n; i++) {
      float t = Math.min(Math.max(v[i] * inverse, least), most);
      v[i] = (t + ROUND - ROUND) * scale;
    }
  }
}
