package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class in a JVM of its own, with a heap of its own; a crash of it is a failure, not the end of the tests. */
final class Fork {
  private Fork() {}

  /** The output of the main class, which must end with exit code 0. */
  static String run(Class<?> main, List<String> options, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.add("-Xmx512m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    for (String name : new String[] {"octet.backend", "octet.isa"}) {
      if (System.getProperty(name) != null) {
        command.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    File out = File.createTempFile("octet-fork", ".txt");
    try {
      Process p = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out).directory(out.getParentFile()).start();
      boolean ended = p.waitFor(300, TimeUnit.SECONDS);
      p.destroyForcibly();
      String text = java.nio.file.Files.readString(out.toPath(), StandardCharsets.UTF_8);
      org.junit.jupiter.api.Assertions.assertTrue(ended, main.getSimpleName() + " took more than 300 s:\n" + text);
      assertEquals(0, p.exitValue(), main.getSimpleName() + " failed:\n" + text);
      return text;
    } finally {
      out.delete();
    }
  }
}
