package org.octet.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Turns and the comparison of outputs. */
class RoundsTest {
  private record Fixed(String name, float... output) implements Peer {
    @Override
    public void run() {}

    @Override
    public void close() {}
  }

  @Test
  void whatDiffersIsCounted() {
    try (Rounds rounds = new Rounds()) {
      float[] ours = {1, 2, 3};
      rounds.check(ours, 1, new Fixed("ort", 1, 3, 2));
      Times times = new Times();
      rounds.run(times);
      assertEquals(0, times.mismatches);
      rounds.check(ours, 1, new Fixed("ort", 1, 4, 3));
      rounds.check(ours, 1, new Fixed("ort", 1, 2));
      rounds.check(ours, 1, new Fixed("ort", Float.NaN, 2, 3));
      rounds.run(times);
      assertEquals(3, times.mismatches);
    }
  }

  @Test
  void eachCompetitorHasItsCounter() {
    try (Rounds rounds = new Rounds()) {
      rounds.add(new Fixed("octet"));
      rounds.add(new Fixed("torch"));
      rounds.add(null);
      Times times = new Times();
      rounds.run(times);
      assertTrue(times.octet > 0 && times.torch > 0);
      assertEquals(0, times.ort);
    }
  }
}
