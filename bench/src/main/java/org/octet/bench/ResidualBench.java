package org.octet.bench;

import java.util.concurrent.TimeUnit;
import org.octet.graph.Graph;
import org.octet.graph.Value;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.MaxPoolOp;
import org.octet.ops.QuantizedAddOp;
import org.octet.ops.QuantizedConvOp;
import org.octet.runtime.Program;
import org.octet.runtime.Session;
import org.octet.tensor.DType;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
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
 * What is gained where the last product of a residual block adds the block's input itself? Three
 * int8 bottleneck blocks of a ResNet (1x1, 3x3, 1x1, sum, relu).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ResidualBench {
  private static final int BLOCKS = 3;

  /** CHANNELSxHIDDENxSIZExBATCH. */
  @Param({"256x64x56x1", "512x128x28x1", "1024x256x14x1", "2048x512x7x1", "256x64x56x8"})
  public String shape;

  /** Threads of a run. */
  @Param({"1"})
  public int threads;

  private final RandomTensors random = new RandomTensors();
  private Runner fused;
  private Runner apart;

  /** A program, a session of its own, and what it works on. */
  private static final class Runner implements AutoCloseable {
    final Program program;
    final Session session;
    final Tensor[] in;
    final Tensor[] out;

    Runner(Graph graph, int threads, Tensor x) {
      program = Program.compile(graph);
      session = program.newSession().threads(threads);
      in = new Tensor[] {x};
      out = program.run(in);
    }

    Object run() {
      session.run(in, out);
      return out;
    }

    @Override
    public void close() {
      session.close();
      program.close();
    }
  }

  private Value conv(Graph.Builder b, Value x, int from, int to, int k, Activation activation) {
    ConvGeometry g = ConvGeometry.square(k, 1, k / 2, 1, 1);
    QParams y = RandomTensors.output(from * k * k);
    Value w = b.constant(random.weights(to, from, k, k));
    Value bias = b.constant(random.floats(0.1f, to));
    return b.apply(new QuantizedConvOp(g, y, activation), "", x, w, bias).get(0);
  }

  /**
   * Where a second op reads a product, the sum behind it stays an operator of its own. That op
   * takes one pixel, in either graph.
   */
  private Graph graph(int[] s, boolean products) {
    QParams sum = QParams.perTensor(0.05, 0, DType.QUINT8);
    MaxPoolOp pixel = new MaxPoolOp(ConvGeometry.square(1, s[2], 0, 1, 1), false);
    Graph.Builder b = Graph.builder();
    Value x = b.input("x", input(s).spec());
    for (int i = 0; i < BLOCKS; i++) {
      Value h = conv(b, x, s[0], s[1], 1, Activation.RELU);
      Value p = conv(b, conv(b, h, s[1], s[1], 3, Activation.RELU), s[1], s[0], 1, Activation.NONE);
      b.output(b.apply(pixel, "", products ? p : h).get(0));
      x = b.apply(new QuantizedAddOp(sum, true), "", p, x).get(0);
    }
    b.output(b.apply(pixel, "", x).get(0));
    return b.build();
  }

  private QuantizedTensor input(int[] s) {
    return (QuantizedTensor)
        random.activations(s[3], s[0], s[2], s[2]).contiguous(MemoryFormat.CONTIGUOUS);
  }

  /** Compiles both. */
  @Setup
  public void setup() {
    int[] s = Shapes.parse(shape, 4, "CHANNELSxHIDDENxSIZExBATCH, for example 256x64x56x1");
    Tensor x = input(s);
    fused = new Runner(graph(s, false), threads, x);
    apart = new Runner(graph(s, true), threads, x);
  }

  /** Frees both. */
  @TearDown
  public void close() {
    fused.close();
    apart.close();
  }

  /** The sum in the product's operator. */
  @Benchmark
  public Object fused() {
    return fused.run();
  }

  /** The sum as an operator of its own. */
  @Benchmark
  public Object apart() {
    return apart.run();
  }
}
