package org.octet.bench.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.octet.backend.Backends;

/**
 * The competitors of one row, which take turns of a few milliseconds: a slow moment of the machine
 * meets all of them. The order moves by one place each round.
 */
final class Rounds implements AutoCloseable {
  private static final int BATCHES = 5;
  private static final double BATCH_NANOS = 1e6;

  private final List<Peer> peers = new ArrayList<>();
  private final List<Double> estimates = new ArrayList<>();
  private int round;
  private double mismatches;

  /** Adds a competitor; null is one that is not here. */
  void add(Peer peer) {
    if (peer != null) {
      peers.add(peer);
      estimates.add(0.0);
    }
  }

  /**
   * Compares what a competitor computes with a reference of the same computation, so that nobody
   * times another one.
   *
   * @param allowed largest difference: 1 for codes
   */
  void check(float[] expected, double allowed, Peer peer) {
    peer.run();
    float[] got = peer.output();
    double worst = got.length == expected.length ? 0 : Double.POSITIVE_INFINITY;
    for (int i = 0; i < Math.min(got.length, expected.length); i++) {
      worst = Math.max(worst, Math.abs((double) got[i] - expected[i])); // NaN stays
    }
    if (!(worst <= allowed)) {
      mismatches++;
      System.err.printf(
          "%n##### MISMATCH: %s computes something else than Octet: largest difference %s,"
              + " allowed %s. Its time means nothing. #####%n%n",
          peer.name(), worst, allowed);
    }
  }

  /** One round. */
  void run(Times times) {
    times.mismatches = mismatches;
    times.registerBits = Peak.registerBits(Backends.current().isa());
    for (int i = 0; i < peers.size(); i++) {
      int who = (i + round) % peers.size();
      Peer peer = peers.get(who);
      double nanos = slice(peer, who);
      put(times, peer.name(), peer instanceof Peak peak ? peak.work() / nanos : nanos);
    }
    round++;
  }

  /** Median of a few batches; the first call, with cold caches, is left out where it matters. */
  private double slice(Peer peer, int who) {
    double estimate = estimates.get(who);
    if (estimate == 0) {
      peer.run();
      estimate = time(peer, 1);
    }
    boolean shortCall = estimate < 10 * BATCH_NANOS;
    if (shortCall) {
      peer.run();
    }
    int calls = (int) Math.max(1, BATCH_NANOS / estimate);
    double[] batches = new double[shortCall ? BATCHES : 1];
    for (int i = 0; i < batches.length; i++) {
      batches[i] = time(peer, calls);
    }
    Arrays.sort(batches);
    double median = batches[batches.length / 2];
    estimates.set(who, median);
    return median;
  }

  private static double time(Peer peer, int calls) {
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      peer.run();
    }
    return (double) Math.max(1, System.nanoTime() - start) / calls;
  }

  private static void put(Times times, String field, double value) {
    try {
      Times.class.getField(field).setDouble(times, value);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(field, e);
    }
  }

  @Override
  public void close() {
    peers.forEach(Peer::close);
  }
}
