package org.octet.bench;

import java.util.concurrent.TimeUnit;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.ops.Op;
import org.octet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The rows that every layer has: int8 static beside fp32, native beside the Java twin. One thread;
 * weights packed once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class LayerBench {
  private OpRunner int8Static;
  private OpRunner fp32;
  private OpRunner javaInt8Static;
  private OpRunner javaFp32;

  /** Makes the operators of one layer: both get {x, weight, bias}. */
  final void setup(Op quantized, Tensor[] quantizedInputs, Op floating, Tensor[] floatInputs) {
    int8Static = new OpRunner(Backends.current(), quantized, quantizedInputs);
    fp32 = new OpRunner(Backends.current(), floating, floatInputs);
    javaInt8Static = new OpRunner(JavaBackend.instance(), quantized, quantizedInputs);
    javaFp32 = new OpRunner(JavaBackend.instance(), floating, floatInputs);
  }

  /** Frees the operators. */
  @TearDown
  public void close() {
    int8Static.close();
    fp32.close();
    javaInt8Static.close();
    javaFp32.close();
  }

  /** quint8 in, qint8 weights per channel, bias, quint8 out. */
  @Benchmark
  public Object int8Static() {
    return int8Static.run();
  }

  /** Our fixed-order float kernel. */
  @Benchmark
  public Object fp32() {
    return fp32.run();
  }

  /** The pure-Java twin, quantized. */
  @Benchmark
  public Object javaInt8Static() {
    return javaInt8Static.run();
  }

  /** The pure-Java twin, float. */
  @Benchmark
  public Object javaFp32() {
    return javaFp32.run();
  }
}
