package org.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The command as a user starts it, in a JVM of its own. */
class MainTest {
  private record Result(int status, String text) {}

  private static Result octet(String... args) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.octet.cli.Main"));
    command.addAll(List.of(args));
    Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
    p.getOutputStream().close();
    try (InputStream in = p.getInputStream()) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new Result(p.waitFor(), text);
    }
  }

  @Test
  void helpNamesTheCommands() throws Exception {
    Result r = octet("--help");
    assertEquals(0, r.status, r.text);
    assertTrue(r.text.contains("demo") && r.text.contains("describe"), r.text);
  }

  @Test
  void describeNamesTheInstructionSet() throws Exception {
    Result r = octet("describe");
    assertEquals(0, r.status, r.text);
    assertTrue(r.text.contains("backend") && r.text.contains("kernels"), r.text);
  }

  @Test
  void anUnknownBackendIsAnErrorThatListsTheLegalOnes() throws Exception {
    Result r = octet("demo", "--backend", "gpu", "--epochs", "1");
    assertEquals(1, r.status, r.text);
    assertTrue(r.text.contains("gpu") && r.text.contains("native") && r.text.contains("java"), r.text);
  }

  @Test
  void anUnknownOptionIsWrongUsage() throws Exception {
    assertEquals(2, octet("demo", "--epoch", "1").status);
    assertEquals(2, octet().status);
  }

  @Test
  void aDemoOnTheJavaTwinOfAFewImagesPrintsTheTable() throws Exception {
    Result r =
        octet("demo", "--backend", "java", "--epochs", "1", "--train-images", "256", "--test-images", "200");
    assertEquals(0, r.status, r.text);
    for (String row : List.of("float", "dynamic int8", "static int8 per tensor", "static int8 per channel")) {
      assertTrue(r.text.contains(row), r.text);
    }
    assertTrue(r.text.contains("Quantization.convert"), "the code that did it: " + r.text);
  }
}
