package org.octet.bench;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.ops.Activation;
import org.octet.ops.AdaptiveAvgPoolOp;
import org.octet.ops.AvgPoolOp;
import org.octet.ops.BinaryOp;
import org.octet.ops.ConvGeometry;
import org.octet.ops.DequantizeOp;
import org.octet.ops.MaxPoolOp;
import org.octet.ops.NormOp;
import org.octet.ops.Op;
import org.octet.ops.QuantizeOp;
import org.octet.ops.QuantizedAddOp;
import org.octet.ops.QuantizedBatchNormOp;
import org.octet.ops.QuantizedCatOp;
import org.octet.ops.QuantizedMulOp;
import org.octet.ops.SoftmaxOp;
import org.octet.ops.UnaryOp;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What do the operators between the products cost, beside a copy of as many bytes as they read and
 * write? One thread. Images are 64x56x56 channels-last, rows 128x768; the {@code q8} ones are
 * quint8.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class BetweenProductsBench {
  private static final QParams OUTPUT = QParams.perTensor(0.03, 120, DType.QUINT8);
  private static final QParams PROBABILITIES = QParams.perTensor(1.0 / 256, 0, DType.QUINT8);
  private static final double EPS = 1e-5;

  /** An operator and its inputs. */
  @Param({
    "quantize",
    "dequantize",
    "q8 add_relu",
    "q8 mul",
    "q8 cat",
    "q8 relu",
    "q8 sigmoid",
    "q8 max_pool 3x3",
    "q8 avg_pool 3x3",
    "q8 global_avg_pool",
    "q8 batch_norm",
    "q8 softmax",
    "q8 layer_norm",
    "q8 group_norm",
    "f32 add",
    "f32 relu",
    "f32 gelu",
    "f32 tanh",
    "f32 max_pool 3x3",
    "f32 softmax",
    "f32 layer_norm",
    "f32 group_norm"
  })
  public String op;

  private OpRunner octet;
  private OpRunner twin;
  private ByteBuffer from;
  private ByteBuffer to;

  private record Call(Op op, Tensor... in) {}

  private static Map<String, Supplier<Call>> calls() {
    RandomTensors r = new RandomTensors();
    ConvGeometry window = ConvGeometry.square(3, 2, 1, 1, 1);
    Supplier<QuantizedTensor> image8 = () -> r.activations(1, 64, 56, 56);
    Supplier<QuantizedTensor> rows8 = () -> r.activations(128, 768);
    Supplier<FloatTensor> image = () -> r.floats(2.5f, 1, 64, 56, 56);
    Supplier<FloatTensor> rows = () -> r.floats(2.5f, 128, 768);
    Supplier<FloatTensor> row = () -> r.floats(1f, 768);
    Supplier<FloatTensor> channels = () -> r.floats(1f, 64);
    Op layerNorm8 = NormOp.layer(Shape.of(768), EPS, OUTPUT);
    Op layerNorm = NormOp.layer(Shape.of(768), EPS, null);
    Op groupNorm8 = NormOp.group(8, EPS, OUTPUT);
    Op groupNorm = NormOp.group(8, EPS, null);
    Op batchNorm8 = new QuantizedBatchNormOp(EPS, OUTPUT, Activation.RELU);
    Op avgPool = new AvgPoolOp(window, false, true, 0);
    Map<String, Supplier<Call>> c = new LinkedHashMap<>();
    c.put("quantize", () -> new Call(new QuantizeOp(OUTPUT), image.get()));
    c.put("dequantize", () -> new Call(new DequantizeOp(), image8.get()));
    c.put(
        "q8 add_relu",
        () -> new Call(new QuantizedAddOp(OUTPUT, true), image8.get(), image8.get()));
    c.put("q8 mul", () -> new Call(new QuantizedMulOp(OUTPUT, false), image8.get(), image8.get()));
    c.put(
        "q8 cat", () -> new Call(new QuantizedCatOp(1, OUTPUT, false), image8.get(), image8.get()));
    c.put("q8 relu", () -> new Call(UnaryOp.RELU, image8.get()));
    c.put("q8 sigmoid", () -> new Call(UnaryOp.SIGMOID, image8.get()));
    c.put("q8 max_pool 3x3", () -> new Call(new MaxPoolOp(window, false), image8.get()));
    c.put("q8 avg_pool 3x3", () -> new Call(avgPool, image8.get()));
    c.put("q8 global_avg_pool", () -> new Call(new AdaptiveAvgPoolOp(1, 1), image8.get()));
    c.put(
        "q8 batch_norm",
        () ->
            new Call(
                batchNorm8,
                image8.get(),
                channels.get(),
                channels.get(),
                channels.get(),
                FloatTensor.full(1f, 64)));
    c.put("q8 softmax", () -> new Call(new SoftmaxOp(-1, PROBABILITIES), rows8.get()));
    c.put("q8 layer_norm", () -> new Call(layerNorm8, rows8.get(), row.get(), row.get()));
    c.put(
        "q8 group_norm", () -> new Call(groupNorm8, image8.get(), channels.get(), channels.get()));
    c.put("f32 add", () -> new Call(BinaryOp.ADD, image.get(), image.get()));
    c.put("f32 relu", () -> new Call(UnaryOp.RELU, image.get()));
    c.put("f32 gelu", () -> new Call(UnaryOp.GELU, rows.get()));
    c.put("f32 tanh", () -> new Call(UnaryOp.TANH, rows.get()));
    c.put("f32 max_pool 3x3", () -> new Call(new MaxPoolOp(window, false), image.get()));
    c.put("f32 softmax", () -> new Call(new SoftmaxOp(-1), rows.get()));
    c.put("f32 layer_norm", () -> new Call(layerNorm, rows.get(), row.get(), row.get()));
    c.put("f32 group_norm", () -> new Call(groupNorm, image.get(), channels.get(), channels.get()));
    return c;
  }

  /** Makes operands and operators. */
  @Setup
  public void setup() {
    Supplier<Call> made = calls().get(op);
    if (made == null) {
      throw new IllegalArgumentException("op = " + op + "; expected one of " + calls().keySet());
    }
    Call call = made.get();
    octet = new OpRunner(Backends.current(), call.op, call.in);
    twin = new OpRunner(JavaBackend.instance(), call.op, call.in);
    long bytes = octet.run().storage().bytes();
    for (int i = 0; i < call.in.length - call.op.constantInputs(); i++) {
      bytes += call.in[i].storage().bytes();
    }
    from = ByteBuffer.allocateDirect((int) (bytes / 2));
    to = ByteBuffer.allocateDirect((int) (bytes / 2));
  }

  /** Frees the operators. */
  @TearDown
  public void close() {
    octet.close();
    twin.close();
  }

  /** The native operator. */
  @Benchmark
  public Object octet() {
    return octet.run();
  }

  /** Its pure-Java twin. */
  @Benchmark
  public Object javaTwin() {
    return twin.run();
  }

  /** As many bytes read and written. */
  @Benchmark
  public Object copy() {
    from.clear();
    to.clear();
    return to.put(from);
  }
}
