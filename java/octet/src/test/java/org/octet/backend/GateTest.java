package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.octet.tensor.ClosedException;

class GateTest {
  private int freed;

  private final Gate gate =
      new Gate("thing") {
        @Override
        void free() {
          freed++;
        }
      };

  @Test
  void closeWaitsForTheLastUse() {
    gate.enter();
    gate.enter();
    gate.close();
    gate.close();
    assertTrue(gate.isClosed());
    assertFalse(gate.tryEnter());
    assertTrue(assertThrows(ClosedException.class, gate::enter).getMessage().contains("thing"));
    assertThrows(ClosedException.class, gate::enterAlone);
    gate.exit();
    assertEquals(0, freed);
    gate.exit();
    assertEquals(1, freed);
    gate.close();
    assertEquals(1, freed);
  }

  @Test
  void closeOfTheUnusedFreesNow() {
    gate.close();
    gate.close();
    assertEquals(1, freed);
  }

  @Test
  void aloneMeansAlone() {
    gate.enterAlone();
    assertThrows(BackendException.class, gate::enterAlone);
    gate.exit();
    gate.enterAlone();
    gate.exit();
    assertEquals(0, freed);
  }
}
