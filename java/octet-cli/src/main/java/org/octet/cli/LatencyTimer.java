package org.octet.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.octet.runtime.Program;
import org.octet.runtime.Session;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * Times programs on single images, in turn, so that a machine that drifts drifts for all of them.
 */
final class LatencyTimer {
  private static final int ROUNDS = 20;
  private static final int RUNS = 100;
  private static final int WARM_UP = 300;

  /** Median and 99th percentile of one image, in microseconds. */
  record Latency(double medianMicros, double p99Micros) {}

  private LatencyTimer() {}

  /**
   * Latencies in the order of {@code programs}.
   *
   * @param images one image each, [1, ...], in the programs' input shape
   */
  static List<Latency> time(List<Program> programs, List<FloatTensor> images) {
    List<Session> sessions = new ArrayList<>();
    List<Tensor> outputs = new ArrayList<>();
    long[][] nanos = new long[programs.size()][ROUNDS * RUNS];
    try {
      for (Program p : programs) {
        Session s = p.newSession();
        sessions.add(s);
        outputs.add(s.run(images.get(0)));
        for (int i = 0; i < WARM_UP; i++) {
          s.run(images.get(i % images.size()), outputs.get(outputs.size() - 1));
        }
      }
      for (int round = 0; round < ROUNDS; round++) {
        for (int p = 0; p < programs.size(); p++) {
          Session s = sessions.get(p);
          Tensor out = outputs.get(p);
          for (int i = 0; i < RUNS; i++) {
            FloatTensor image = images.get(i % images.size());
            long start = System.nanoTime();
            s.run(image, out);
            nanos[p][round * RUNS + i] = System.nanoTime() - start;
          }
        }
      }
    } finally {
      sessions.forEach(Session::close);
      outputs.forEach(Tensor::close);
    }
    List<Latency> result = new ArrayList<>();
    for (long[] n : nanos) {
      Arrays.sort(n);
      result.add(new Latency(n[n.length / 2] / 1e3, n[n.length * 99 / 100] / 1e3));
    }
    return result;
  }
}
