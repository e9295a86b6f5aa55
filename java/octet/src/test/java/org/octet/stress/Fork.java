package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs a main class in a JVM of its own, with a heap of its own; a crash of it is a failure, not
 * the end of the tests.
 */
public final class Fork {
  private Fork() {}

  /**
   * How a JVM ended.
   *
   * @param crash the head of its hs_err file; null if it did not crash
   */
  public record Result(int exit, String output, String crash) {
    /** The same, after checking that it did not crash and ended with {@code expected}. */
    public Result check(int expected) {
      assertNull(crash, () -> "the JVM crashed:\n" + crash + "\n" + output);
      assertEquals(expected, exit, () -> "wrong exit code, output:\n" + output);
      return this;
    }
  }

  /** The output of the main class, which must end with exit code 0; it gets this JVM's backend. */
  public static String run(Class<?> main, List<String> options, String... arguments)
      throws Exception {
    List<String> all = new ArrayList<>();
    for (String name : new String[] {"octet.backend", "octet.isa"}) {
      if (System.getProperty(name) != null) {
        all.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    all.addAll(options);
    String isa = System.getenv("OCTET_ISA");
    return start(main, isa == null ? Map.of() : Map.of("OCTET_ISA", isa), 300, all, arguments)
        .check(0)
        .output();
  }

  /**
   * Runs to the end.
   *
   * @param environment added to this JVM's, less OCTET_ISA
   * @param seconds after which it counts as hanging, a failure
   */
  public static Result start(
      Class<?> main,
      Map<String, String> environment,
      int seconds,
      List<String> options,
      String... arguments)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("octet-fork");
    File out = folder.resolve("output.txt").toFile();
    Path errors = folder.resolve("hs_err.log");
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of("-Xmx512m", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=" + errors));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(out)
            .directory(folder.toFile());
    builder.environment().remove("OCTET_ISA");
    builder.environment().putAll(environment);
    try {
      Process p = builder.start();
      boolean ended = p.waitFor(seconds, TimeUnit.SECONDS);
      p.destroyForcibly();
      String text = Files.readString(out.toPath(), StandardCharsets.UTF_8);
      assertTrue(ended, () -> main.getSimpleName() + " took more than " + seconds + " s:\n" + text);
      return new Result(p.exitValue(), text, Files.exists(errors) ? head(errors) : null);
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private static String head(Path errors) throws IOException {
    try (Stream<String> lines = Files.lines(errors, StandardCharsets.ISO_8859_1)) {
      return lines.limit(60).collect(Collectors.joining("\n"));
    }
  }
}
