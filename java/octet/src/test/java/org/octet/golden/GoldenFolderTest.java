package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The folder of golden files itself: a wrong path must not look like a pass. */
class GoldenFolderTest {
  @Test
  void holdsGroupsThatTheTestsRead() {
    Path folder = Golden.folder();
    if (folder == null) {
      for (String group : Golden.GROUPS) {
        assertFalse(Golden.cases(group).isEmpty(), group);
      }
      return;
    }
    Map<String, Integer> there = Golden.contents(folder);
    assertTrue(
        there.keySet().stream().anyMatch(Golden.GROUPS::contains),
        folder + " has groups " + there.keySet() + "; expected some of " + Golden.GROUPS);
    there.keySet().removeAll(Golden.GROUPS);
    System.out.println("golden: groups in " + folder + " that no test reads yet: " + there);
  }
}
