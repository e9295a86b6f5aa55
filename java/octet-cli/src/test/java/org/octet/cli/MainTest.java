package org.octet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    assertTrue(
        r.text.contains("demo") && r.text.contains("accuracy") && r.text.contains("describe"),
        r.text);
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
    assertTrue(
        r.text.contains("gpu") && r.text.contains("native") && r.text.contains("java"), r.text);
  }

  @Test
  void anUnknownOptionIsWrongUsage() throws Exception {
    assertEquals(2, octet("demo", "--epoch", "1").status);
    assertEquals(2, octet().status);
  }

  @Test
  void aDemoOnTheJavaTwinOfAFewImagesPrintsTheTable() throws Exception {
    Result r =
        octet(
            "demo",
            "--backend",
            "java",
            "--epochs",
            "1",
            "--train-images",
            "256",
            "--test-images",
            "200");
    assertEquals(0, r.status, r.text);
    for (String row :
        List.of(
            "float",
            "dynamic int8",
            "static int8 per tensor",
            "static int8 per channel",
            "QAT int8 per channel")) {
      assertTrue(r.text.contains(row), r.text);
    }
    assertTrue(r.text.contains("Quantization.convert"), "the code that did it: " + r.text);
  }

  @Test
  void accuracyRefusesFoldersWithoutTheImages(@TempDir Path folder) throws Exception {
    Result missing = octet("accuracy", "--data", folder.resolve("none").toString());
    assertEquals(1, missing.status, missing.text);
    assertTrue(missing.text.contains("none"), missing.text);
    Result empty = octet("accuracy", "--data", folder.toString());
    assertEquals(1, empty.status, empty.text);
    assertTrue(empty.text.contains("train-images-idx3-ubyte.gz"), empty.text);
    assertEquals(2, octet("accuracy", "--seeds", "0").status);
  }

  @Test
  void accuracyOfAFolderPrintsATableForEachNetwork(@TempDir Path folder) throws Exception {
    writeImages(folder, "train", 128);
    writeImages(folder, "t10k", 60);
    Path json = folder.resolve("report.json");
    Result r = octet("accuracy", "--data", folder.toString(), "--quick", "--json", json.toString());
    assertEquals(0, r.status, r.text);
    for (String text :
        List.of(
            "ResNet-style",
            "MobileNetV2-style",
            "PTQ dynamic",
            "PTQ static per channel",
            "CLE",
            "QAT",
            "3 bit")) {
      assertTrue(r.text.contains(text), text + " in " + r.text);
    }
    JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
    assertEquals(128, report.get("trainImages").getAsInt());
    JsonObject network = report.getAsJsonArray("networks").get(0).getAsJsonObject();
    // Five ways at three widths, and QAT per tensor at 4 bits.
    assertEquals(16, network.getAsJsonArray("cells").size());
    JsonObject cell = network.getAsJsonArray("cells").get(0).getAsJsonObject();
    assertEquals(1, cell.getAsJsonObject("difference").getAsJsonArray("values").size());

    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), idx(new byte[59], 59));
    Result wrong = octet("accuracy", "--data", folder.toString(), "--quick");
    assertEquals(1, wrong.status, wrong.text);
    assertTrue(wrong.text.contains("t10k-labels") && wrong.text.contains("[60]"), wrong.text);
  }

  /** Stripes whose distance is the label. */
  private static void writeImages(Path folder, String set, int n) throws IOException {
    byte[] images = new byte[n * 28 * 28];
    byte[] labels = new byte[n];
    for (int i = 0; i < n; i++) {
      labels[i] = (byte) (i % 10);
      for (int p = 0; p < 28 * 28; p++) {
        images[i * 28 * 28 + p] = (byte) (p % (2 + i % 10) == 0 ? 200 + i % 7 : i % 5);
      }
    }
    Files.write(folder.resolve(set + "-images-idx3-ubyte"), idx(images, n, 28, 28));
    Files.write(folder.resolve(set + "-labels-idx1-ubyte"), idx(labels, n));
  }

  private static byte[] idx(byte[] values, int... dims) {
    ByteBuffer b = ByteBuffer.allocate(4 + 4 * dims.length + values.length);
    b.putInt(0x0800 | dims.length);
    for (int d : dims) {
      b.putInt(d);
    }
    return b.put(values).array();
  }
}
