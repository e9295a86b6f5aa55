package org.octet.structure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the source files look like from outside. */
class FilesTest {
  private static final int MOST_LINES = 600;
  private static final List<String> ROOMS = List.of("java", "native", "bench");

  @Test
  void noFileIsTooLong() throws IOException {
    List<String> tooLong = new ArrayList<>();
    int files = 0;
    for (Path file : sources()) {
      files++;
      try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
        long n = lines.count();
        if (n > MOST_LINES) {
          tooLong.add(root().relativize(file) + " has " + n);
        }
      }
    }
    assertTrue(files > 50, "found " + files + " source files below " + root());
    assertEquals(List.of(), tooLong, "files of more than " + MOST_LINES + " lines; split them");
  }

  /** The module's folder is java/octet. */
  private static Path root() {
    Path root = Path.of("").toAbsolutePath().getParent().getParent();
    assertTrue(
        Files.isDirectory(root.resolve("native")),
        "the tests run in java/octet of the sources, not in " + root);
    return root;
  }

  private static List<Path> sources() throws IOException {
    List<Path> out = new ArrayList<>();
    for (String room : ROOMS) {
      if (!Files.isDirectory(root().resolve(room))) {
        continue;
      }
      try (Stream<Path> all = Files.walk(root().resolve(room))) {
        all.filter(Files::isRegularFile)
            .filter(p -> p.toString().matches(".*\\.(java|cc|h|c|hpp|cpp|def)"))
            .filter(p -> !root().relativize(p).toString().matches("(.*/)?(target|build)/.*"))
            .forEach(out::add);
      }
    }
    return out;
  }
}
