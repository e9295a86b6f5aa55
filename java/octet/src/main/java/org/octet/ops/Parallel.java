package org.octet.ops;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;

/** Splits loops of the training ops over the cores. Results never depend on the split. */
final class Parallel {
  private static final int THREADS = Runtime.getRuntime().availableProcessors();

  private Parallel() {}

  /** Indices from (inclusive) to (exclusive). */
  @FunctionalInterface
  interface Range {
    void run(int from, int to);
  }

  /**
   * Calls {@code body} for parts that cover 0..n, each of at least {@code grain} indices, on
   * several threads.
   */
  static void forRange(int n, int grain, Range body) {
    int parts = Math.max(1, Math.min(THREADS, n / Math.max(1, grain)));
    ForkJoinTask<?>[] others = new ForkJoinTask<?>[parts - 1];
    for (int p = 0; p < parts - 1; p++) {
      int from = (int) ((long) n * p / parts);
      int to = (int) ((long) n * (p + 1) / parts);
      others[p] = ForkJoinPool.commonPool().submit(() -> body.run(from, to));
    }
    body.run((int) ((long) n * (parts - 1) / parts), n);
    for (ForkJoinTask<?> t : others) {
      t.join();
    }
  }
}
