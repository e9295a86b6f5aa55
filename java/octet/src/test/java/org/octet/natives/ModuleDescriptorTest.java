package org.octet.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every package of the library is exported or listed here as internal. */
class ModuleDescriptorTest {
  private static final Set<String> INTERNAL = Set.of("org.octet.natives", "org.octet.backend.twin");

  @Test
  void exportsEveryPublicPackage() throws IOException {
    Path sources = Path.of("src", "main", "java");
    Set<String> packages;
    try (Stream<Path> files = Files.walk(sources)) {
      packages =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(
                  file ->
                      sources
                          .relativize(file.getParent())
                          .toString()
                          .replace('/', '.')
                          .replace('\\', '.'))
              .filter(name -> !INTERNAL.contains(name))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    Set<String> exported;
    try (Stream<String> lines = Files.lines(Path.of("src", "main", "java9", "module-info.java"))) {
      exported =
          lines
              .map(String::strip)
              .filter(line -> line.startsWith("exports "))
              .map(line -> line.substring("exports ".length(), line.length() - 1))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    assertEquals(
        packages,
        exported,
        "src/main/java9/module-info.java must export exactly the public packages");
  }
}
