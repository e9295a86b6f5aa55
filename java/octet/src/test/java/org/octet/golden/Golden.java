package org.octet.golden;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The golden files: those of the test resources, or of the folder {@code -Doctet.golden=DIR}. */
final class Golden {
  /** Every group that the tests read. */
  static final List<String> GROUPS =
      List.of(
          "quantize_per_tensor",
          "quantize_per_channel",
          "quantize_edges",
          "choose_qparams",
          "observers",
          "histogram_observer_v2",
          "observers_fixed_and_misc",
          "fuse_modules",
          "linear",
          "linear_dynamic",
          "conv",
          "conv_transpose",
          "ops_binary",
          "ops_unary",
          "ops_norm",
          "ops_pool_resize",
          "float_functional",
          "workflow_ptq_static",
          "fake_quantize",
          "fake_quantize_learnable",
          "fake_quantize_modules",
          "workflow_qat",
          "qat_embedding",
          "embedding",
          "equalize_biascorrect_ns");

  private static final Pattern GROUP =
      Pattern.compile(
          "^\\s*\\{\\s*(?:\"format\"\\s*:\\s*1\\s*,\\s*)?\"group\"\\s*:\\s*\"([^\"]*)\"");

  private Golden() {}

  /** The folder that was asked for, or null for the test resources. */
  static Path folder() {
    String set = System.getProperty("octet.golden", "").trim();
    if (set.isEmpty()) {
      return null;
    }
    // Maven runs the tests in the module's folder; a relative path means one from where mvn was
    // called.
    Path path = Path.of(System.getProperty("octet.golden.base", "")).resolve(set);
    if (!Files.isDirectory(path)) {
      throw new IllegalStateException(
          "-Doctet.golden is \"" + set + "\": " + path.toAbsolutePath() + " is no folder.");
    }
    return path;
  }

  /** Where the cases come from, for the printed summary. */
  static String source() {
    return folder() == null ? "test resources" : folder().toString();
  }

  /** All cases of a group; empty where a folder of the user's has no such group. */
  static List<GoldenCase> cases(String group) {
    List<GoldenCase> out = new ArrayList<>();
    Path folder = folder();
    try {
      if (folder == null) {
        String name = "/golden/" + group + ".json.gz";
        InputStream in = Golden.class.getResourceAsStream(name);
        if (in == null) {
          throw new IllegalStateException("The test resource " + name + " is missing.");
        }
        read(new GZIPInputStream(in), group, out);
      } else {
        for (Path file : files(folder)) {
          if (mayHold(file, group)) {
            read(open(file), group, out);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out;
  }

  /** Names of the groups in the folder, with the number of cases. */
  static Map<String, Integer> contents(Path folder) {
    Map<String, Integer> out = new TreeMap<>();
    try {
      for (Path file : files(folder)) {
        JsonObject root = parse(open(file));
        out.merge(
            root.get("group").getAsString(), root.getAsJsonArray("cases").size(), Integer::sum);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(p -> p.toString().endsWith(".json") || p.toString().endsWith(".json.gz"))
          .sorted()
          .toList();
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new FileInputStream(file.toFile());
    return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
  }

  /**
   * False where the first line already names another group; saves parsing every file for every
   * group.
   */
  private static boolean mayHold(Path file, String group) throws IOException {
    try (InputStream in = open(file)) {
      Matcher m = GROUP.matcher(new String(in.readNBytes(4096), StandardCharsets.UTF_8));
      return !m.find() || m.group(1).equals(group);
    }
  }

  private static JsonObject parse(InputStream in) throws IOException {
    try (Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      return JsonParser.parseReader(reader).getAsJsonObject();
    }
  }

  /** A file belongs to the group that it names inside, whatever it is called. */
  private static void read(InputStream in, String group, List<GoldenCase> out) throws IOException {
    JsonObject root = parse(in);
    if (!root.get("group").getAsString().equals(group)) {
      return;
    }
    if (root.get("format").getAsInt() != 1) {
      throw new IOException(
          "Group " + group + " has format " + root.get("format") + "; these tests read format 1.");
    }
    JsonArray cases = root.getAsJsonArray("cases");
    for (JsonElement e : cases) {
      out.add(new GoldenCase(e.getAsJsonObject()));
    }
  }
}
