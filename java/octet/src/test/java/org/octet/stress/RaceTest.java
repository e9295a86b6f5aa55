package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Closing, reading and computing race on 8 threads while collections are forced: exceptions only.
 */
class RaceTest {
  @Test
  void tensors() throws Exception {
    String text = Fork.run(RaceMain.class, List.of(), "8", "3000");
    System.out.println("race: " + text.trim());
    assertTrue(text.contains("wrong 0"), text);
    assertTrue(text.matches("(?s).*closed [1-9].*"), "some use met a closed tensor: " + text);
  }
}
