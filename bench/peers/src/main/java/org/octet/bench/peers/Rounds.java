package org.octet.bench.peers;

import java.util.ArrayList;
import java.util.List;
import org.octet.backend.Backends;

/**
 * The competitors of one row, which take turns of about a millisecond: a slow moment of the machine
 * meets all of them. The order moves by one place each turn.
 */
final class Rounds implements AutoCloseable {
  private static final int PASSES = 7;
  private static final double BATCH_NANOS = 1e6;
  private static final double LONGEST_ROUND_NANOS = 3e8;

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

  /**
   * One round: a few passes over the competitors, a batch of calls each; what counts is the median
   * of a competitor's batches. Long calls get fewer passes.
   */
  void run(Times times) {
    times.mismatches = mismatches;
    times.registerBits = Peak.registerBits(Backends.current().isa());
    double once = 0;
    for (int i = 0; i < peers.size(); i++) {
      estimates.set(i, estimate(i));
      once += Math.max(BATCH_NANOS, estimates.get(i));
    }
    int passes = (int) Math.max(1, Math.min(PASSES, LONGEST_ROUND_NANOS / once));
    List<List<Double>> batches =
        peers.stream().map(p -> (List<Double>) new ArrayList<Double>()).toList();
    for (int pass = 0; pass < passes; pass++) {
      for (int i = 0; i < peers.size(); i++) {
        int who = (i + round + pass) % peers.size();
        batches.get(who).add(batch(who));
        for (int peak = 0; peak < peers.size() && passes < PASSES; peak++) {
          // A long call meets the core in all its moods: so does the peak, sampled after each.
          if (peers.get(peak) instanceof Peak && peak != who) {
            batches.get(peak).add(batch(peak));
          }
        }
      }
    }
    for (int i = 0; i < peers.size(); i++) {
      double nanos = Row.median(batches.get(i).stream().mapToDouble(Double::doubleValue).toArray());
      estimates.set(i, nanos);
      Peer peer = peers.get(i);
      put(times, peer.name(), peer instanceof Peak peak ? peak.work() / nanos : nanos);
    }
    round++;
  }

  private double estimate(int who) {
    if (estimates.get(who) != 0) {
      return estimates.get(who);
    }
    peers.get(who).run();
    return time(peers.get(who), 1);
  }

  /** Time of a call; a first one, with what the others left in the caches, is not counted. */
  private double batch(int who) {
    Peer peer = peers.get(who);
    double estimate = estimates.get(who);
    if (estimate < 10 * BATCH_NANOS) {
      peer.run();
    }
    return time(peer, (int) Math.max(1, BATCH_NANOS / estimate));
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
