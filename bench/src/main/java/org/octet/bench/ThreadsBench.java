package org.octet.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.octet.graph.Tracer;
import org.octet.nn.Module;
import org.octet.nn.quantized.QuantizedConv2d;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.ops.ConvGeometry;
import org.octet.runtime.Program;
import org.octet.runtime.Session;
import org.octet.tensor.OctetException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * How much faster is one inference on two threads, and how much of that would the machine give? One
 * iteration is a round, in which one thread, two threads and the control take turns; the last line
 * tells the medians of all rounds, the times of the benchmark itself mean nothing. The control is
 * two callers with a session of one thread each: they share the machine, but no work. Needs two
 * free CPUs: do not pin it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 15)
public class ThreadsBench {
  private static final int PASSES = 15;
  private static final long BATCH_NANOS = 4_000_000;

  /** One linear layer as MxKxN, or one convolution as CINxCOUTxKxSTRIDExSIZExGROUPS. */
  @Param({"1024x1024x1024", "64x64x3x1x56x1"})
  public String shape;

  private Program program;
  private Session one;
  private Session two;
  private Session others;
  private Tensor input;
  private Tensor output;
  private Tensor othersOutput;

  private final List<double[]> rounds = new ArrayList<>();
  private boolean counts;

  /** Compiles the layer. */
  @Setup
  public void setup() {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      throw new OctetException("Two threads need two CPUs; this process may use one.");
    }
    RandomTensors random = new RandomTensors();
    Module layer;
    QuantizedTensor x;
    if (shape.chars().filter(c -> c == 'x').count() == 2) {
      int[] s = Shapes.parse(shape, 3, "MxKxN, for example 1024x1024x1024");
      x = random.activations(s[0], s[1]);
      layer =
          new QuantizedLinear(
              random.weights(s[2], s[1]), random.floats(0.5f, s[2]), RandomTensors.output(s[1]));
    } else {
      int[] s = Shapes.parse(shape, 6, "CINxCOUTxKxSTRIDExSIZExGROUPS, or MxKxN");
      ConvGeometry g = ConvGeometry.square(s[2], s[3], (s[2] - 1) / 2, 1, s[5]);
      int k = s[0] / s[5] * s[2] * s[2];
      x = random.activations(1, s[0], s[4], s[4]);
      layer =
          new QuantizedConv2d(
              g,
              random.weights(s[1], s[0] / s[5], s[2], s[2]),
              random.floats(0.5f, s[1]),
              RandomTensors.output(k));
    }
    input = x.contiguous();
    program = Program.compile(Tracer.trace(layer, input));
    output = program.run(input);
    othersOutput = program.run(input);
    one = program.newSession();
    two = program.newSession().threads(2);
    others = program.newSession();
  }

  /** Rounds that warm up do not count. */
  @Setup(Level.Iteration)
  public void begin(IterationParams iteration) {
    counts = iteration.getType() == IterationType.MEASUREMENT;
  }

  /** Tells the result and frees the program. */
  @TearDown
  public void close() {
    System.out.printf(
        "%n%s: one thread %.1f us, two threads %.1f us: %.2f times as fast; two callers get %.2f"
            + " times as much done as one (medians of %d rounds)%n",
        shape, middle(0), middle(1), middle(2), middle(3), rounds.size());
    one.close();
    two.close();
    others.close();
    program.close();
  }

  /** One round. */
  @Benchmark
  public void round() throws InterruptedException {
    int calls = (int) Math.max(1, BATCH_NANOS / batch(one, output, 5));
    double[] ones = new double[PASSES];
    double[] twos = new double[PASSES];
    double[] speedups = new double[PASSES];
    double[] controls = new double[PASSES];
    for (int i = 0; i < PASSES; i++) {
      batch(two, output, 1);
      twos[i] = batch(two, output, calls);
      batch(one, output, 1);
      ones[i] = batch(one, output, calls);
      speedups[i] = ones[i] / twos[i];
      controls[i] = independent(calls, ones[i]);
    }
    if (counts) {
      rounds.add(
          new double[] {
            median(ones) / 1e3, median(twos) / 1e3, median(speedups), median(controls)
          });
    }
  }

  /** Nanoseconds of a call. */
  private double batch(Session session, Tensor out, int calls) {
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      session.run(input, out);
    }
    return (double) Math.max(1, System.nanoTime() - start) / calls;
  }

  /** The other caller is at work before the clock starts and until it has stopped. */
  private double independent(int calls, double alone) throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    Thread other =
        new Thread(
            () -> {
              while (runs.getAndIncrement() >= 0) {
                others.run(input, othersOutput);
              }
            });
    other.start();
    while (runs.get() < 3) {
      Thread.onSpinWait();
    }
    int before = runs.get();
    long start = System.nanoTime();
    double mine = batch(one, output, calls);
    double theirs = (System.nanoTime() - start) / (double) Math.max(1, runs.get() - before);
    runs.set(Integer.MIN_VALUE / 2);
    other.join();
    return alone / mine + alone / theirs;
  }

  private double middle(int what) {
    return rounds.isEmpty() ? 0 : median(rounds.stream().mapToDouble(r -> r[what]).toArray());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
