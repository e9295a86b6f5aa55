package org.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MemoryPlannerTest {
  record Life(long bytes, int first, int last) {}

  @Provide
  Arbitrary<List<Life>> lives() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 5000),
            Arbitraries.integers().between(0, 30),
            Arbitraries.integers().between(0, 10))
        .as((b, f, l) -> new Life(b, f, f + l))
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 300)
  void blocksThatLiveTogetherDoNotOverlap(@ForAll("lives") List<Life> lives) {
    MemoryPlanner p = new MemoryPlanner();
    for (Life l : lives) {
      p.extend(p.add(l.bytes, l.first, l.first), l.last);
    }
    p.place();
    for (int i = 0; i < lives.size(); i++) {
      Life a = lives.get(i);
      assertEquals(0, p.offset(i) % 64);
      assertTrue(p.offset(i) >= 0 && p.offset(i) + a.bytes <= p.arenaBytes());
      for (int j = 0; j < i; j++) {
        Life b = lives.get(j);
        boolean together = a.first <= b.last && b.first <= a.last;
        boolean apart =
            p.offset(i) + a.bytes <= p.offset(j) || p.offset(j) + b.bytes <= p.offset(i);
        assertTrue(!together || apart, i + " and " + j);
      }
    }
  }

  @Example
  void memoryOfTheDeadIsUsedAgain() {
    MemoryPlanner p = new MemoryPlanner();
    int a = p.add(1000, 0, 1);
    int b = p.add(1000, 1, 2);
    int c = p.add(1000, 2, 3);
    p.place();
    assertEquals(p.offset(a), p.offset(c));
    assertTrue(p.offset(a) != p.offset(b));
    assertEquals(2048, p.arenaBytes());
  }
}
