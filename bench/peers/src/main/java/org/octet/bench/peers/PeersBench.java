package org.octet.bench.peers;

import java.util.concurrent.TimeUnit;
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
 * One iteration is one round, in which all competitors of a row run in turns; the counters of
 * {@link Times} are what was measured, the time of the benchmark itself means nothing. {@link
 * Report} makes tables of the JSON ({@code -rf json -rff FILE}).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms1g"})
@Warmup(iterations = 3)
@Measurement(iterations = 7)
public abstract class PeersBench {
  /** The competitors of the row. */
  final Rounds rounds = new Rounds();

  /** More than one core lets a library start threads. */
  static void requireOneCore() {
    if (Runtime.getRuntime().availableProcessors() != 1
        && !"1".equals(System.getenv("OMP_NUM_THREADS"))) {
      throw new IllegalStateException(
          "The comparison is one of single threads on one core, but this process may use "
              + Runtime.getRuntime().availableProcessors()
              + "; run it with: taskset -c 1 java -jar ... (or set OMP_NUM_THREADS=1).");
    }
  }

  /** Frees the competitors. */
  @TearDown
  public void close() {
    rounds.close();
  }

  /** One round. */
  @Benchmark
  public void round(Times times) {
    rounds.run(times);
  }
}
