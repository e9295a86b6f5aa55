package org.octet.bench;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.octet.backend.Backends;
import org.octet.ops.Activation;
import org.octet.ops.DynamicLinearOp;
import org.octet.ops.LinearOp;
import org.octet.ops.WeightOnlyLinearOp;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Are weights of 8 or 4 bits under float activations faster than float weights for a few rows, and
 * what would 8-bit activations gain? One thread, groups of 64.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class WeightOnlyBench {
  private static final int GROUP = 64;

  /** MxKxN, K a multiple of 64. */
  @Param({"1x768x768", "1x768x3072", "4x768x3072", "1x4096x4096"})
  public String shape;

  private OpRunner bits8;
  private OpRunner bits4;
  private OpRunner dynamic;
  private OpRunner fp32;

  /** Makes operands and operators. */
  @Setup
  public void setup() {
    int[] s = Shapes.parse(shape, 3, "MxKxN, for example 1x768x3072");
    RandomTensors random = new RandomTensors();
    FloatTensor x = random.floats(2.5f, s[0], s[1]);
    FloatTensor bias = random.floats(0.5f, s[2]);
    bits8 = weightOnly(8, random, s, x, bias);
    bits4 = weightOnly(4, random, s, x, bias);
    dynamic =
        new OpRunner(
            Backends.current(),
            new DynamicLinearOp(false, DynamicLinearOp.Granularity.PER_TENSOR, Activation.NONE),
            x,
            random.weights(s[2], s[1]),
            bias);
    fp32 =
        new OpRunner(
            Backends.current(),
            new LinearOp(Activation.NONE),
            x,
            random.floats(0.12f, s[2], s[1]),
            bias);
  }

  private static OpRunner weightOnly(
      int bits, RandomTensors random, int[] s, FloatTensor x, FloatTensor bias) {
    int groups = s[2] * s[1] / GROUP;
    float[] scales = new float[groups];
    Arrays.fill(scales, bits == 8 ? 0.001f : 0.02f);
    FloatTensor w = random.floats(0.12f, groups, GROUP);
    QuantizedTensor codes =
        QuantizedTensor.quantizePerChannel(w, scales, new int[groups], 0, DType.QINT8);
    return new OpRunner(
        Backends.current(), new WeightOnlyLinearOp(bits, Activation.NONE), x, codes, bias);
  }

  /** Frees the operators. */
  @TearDown
  public void close() {
    bits8.close();
    bits4.close();
    dynamic.close();
    fp32.close();
  }

  /** 8-bit weights, float activations. */
  @Benchmark
  public Object weightOnly8() {
    return bits8.run();
  }

  /** 4-bit weights, float activations. */
  @Benchmark
  public Object weightOnly4() {
    return bits4.run();
  }

  /** 8-bit weights, activations quantized as they come. */
  @Benchmark
  public Object int8Dynamic() {
    return dynamic.run();
  }

  /** Float weights. */
  @Benchmark
  public Object fp32() {
    return fp32.run();
  }
}
