package org.octet.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.backend.Plan;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.QuantizedConvOp;
import org.octet.ops.QuantizedLinearOp;
import org.octet.tensor.OctetException;
import org.octet.tensor.Storage;
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
 * How much faster is one operator, a plan of its own, on two threads, and how much of that would
 * the machine give? One iteration is a round, in which one thread, two threads and the control take
 * turns; the last line tells the medians of all rounds, the times of the benchmark itself mean
 * nothing. The control is two callers with a session of one thread each: they share the machine,
 * but no work. Needs two free CPUs: do not pin it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 5)
@Measurement(iterations = 15)
public class ThreadsBench {
  private static final int PASSES = 7;
  private static final long BATCH_NANOS = 20_000_000;

  /**
   * One linear layer as MxKxN, or one convolution as CINxCOUTxKxSTRIDExSIZExGROUPS, channels last.
   */
  @Param({"1024x1024x1024", "64x64x3x1x56x1"})
  public String shape;

  /** How long the second thread stays awake after a run, in microseconds. */
  @Param({"0", "100"})
  public int spin;

  private OpRunner operator;
  private Plan plan;
  private Plan.Session session;
  private Plan.Session others;
  private Storage output;
  private Storage othersOutput;

  private final List<double[]> rounds = new ArrayList<>();
  private boolean counts;

  /** Compiles the layer. */
  @Setup
  public void setup() {
    if (Runtime.getRuntime().availableProcessors() < 2) {
      throw new OctetException("Two threads need two CPUs; this process may use one.");
    }
    RandomTensors random = new RandomTensors();
    Backend backend = Backends.current();
    if (shape.chars().filter(c -> c == 'x').count() == 2) {
      int[] s = Shapes.parse(shape, 3, "MxKxN, for example 1024x1024x1024");
      operator =
          new OpRunner(
              backend,
              new QuantizedLinearOp(RandomTensors.output(s[1]), Activation.NONE),
              random.activations(s[0], s[1]),
              random.weights(s[2], s[1]),
              random.floats(0.5f, s[2]));
    } else {
      int[] s = Shapes.parse(shape, 6, "CINxCOUTxKxSTRIDExSIZExGROUPS, or MxKxN");
      ConvGeometry g = ConvGeometry.square(s[2], s[3], (s[2] - 1) / 2, 1, s[5]);
      int k = s[0] / s[5] * s[2] * s[2];
      operator =
          new OpRunner(
              backend,
              new QuantizedConvOp(g, RandomTensors.output(k), Activation.NONE),
              random.activations(1, s[0], s[4], s[4]),
              random.weights(s[1], s[0] / s[5], s[2], s[2]),
              random.floats(0.5f, s[1]));
    }
    plan = operator.newPlan();
    output = Storage.allocate(operator.outputBytes());
    othersOutput = Storage.allocate(operator.outputBytes());
    session = operator.newSession(plan, output);
    others = operator.newSession(plan, othersOutput);
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
        "%n%s, spin %d us: one thread %.1f us, two threads %.1f us: %.2f times as fast; two callers get %.2f"
            + " times as much done as one (medians of %d rounds)%n",
        shape, spin, middle(0), middle(1), middle(2), middle(3), rounds.size());
    session.close();
    others.close();
    plan.close();
    operator.close();
    output.release();
    othersOutput.release();
  }

  /** One round. */
  @Benchmark
  public void round() throws InterruptedException {
    int calls = (int) Math.max(1, BATCH_NANOS / batch(1, 5));
    double[] ones = new double[PASSES];
    double[] twos = new double[PASSES];
    double[] speedups = new double[PASSES];
    double[] controls = new double[PASSES];
    for (int i = 0; i < PASSES; i++) {
      batch(2, 1);
      twos[i] = batch(2, calls);
      batch(1, 1);
      ones[i] = batch(1, calls);
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
  private double batch(int threads, int calls) {
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      session.run(threads, spin);
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
                others.run(1);
              }
            });
    other.start();
    while (runs.get() < 3) {
      Thread.onSpinWait();
    }
    int before = runs.get();
    long start = System.nanoTime();
    double mine = batch(1, calls);
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
