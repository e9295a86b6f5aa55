package org.octet.bench.peers;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes Markdown tables of JMH's JSON: {@code java -cp peers.jar org.octet.bench.peers.Report FILE
 * ...}; a row that stands in several files has the rounds of all of them.
 */
public final class Report {
  private static final Map<String, String> BENCHES = new LinkedHashMap<>();
  private static final Map<String, String> COMPETITORS = new LinkedHashMap<>();

  static {
    BENCHES.put("GemmStaticBench", "Linear, static: uint8 in and out");
    BENCHES.put("GemmDynamicBench", "Linear, dynamic: float in and out, quantizing included");
    BENCHES.put("ConvInt8Bench", "Convolution: uint8 in and out (CINxCOUTxKxSTRIDExSIZExGROUPS)");
    BENCHES.put("GemmFp32Bench", "Linear, float");
    COMPETITORS.put("octet", "Octet");
    COMPETITORS.put("octetZp0", "Octet, zp 0");
    COMPETITORS.put("octetFp32", "Octet fp32");
    COMPETITORS.put("onednnZp0", "oneDNN, zp 0");
    COMPETITORS.put("onednnZp128", "oneDNN, zp 128");
    COMPETITORS.put("ort", "ONNX Runtime");
    COMPETITORS.put("ortMatMul", "ORT QLinearMatMul");
    COMPETITORS.put("torch", "PyTorch");
    COMPETITORS.put("onednnFp32", "oneDNN fp32");
    COMPETITORS.put("ortFp32", "ORT fp32");
    COMPETITORS.put("torchFp32", "PyTorch fp32");
    COMPETITORS.put("openblasFp32", "OpenBLAS fp32");
  }

  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final List<String> misses = new ArrayList<>();

  /** Prints the tables. */
  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      System.err.println("Give the JSON files of JMH (-rf json -rff FILE).");
      System.exit(2);
    }
    Report report = new Report();
    for (String arg : args) {
      report.read(Path.of(arg));
    }
    report.print(System.out);
  }

  /** Adds the rows of a file. */
  void read(Path file) throws IOException {
    try (Reader in = Files.newBufferedReader(file)) {
      for (JsonElement result : JsonParser.parseReader(in).getAsJsonArray()) {
        Row row = Row.of(result.getAsJsonObject());
        if (row != null && row.has(row.isFloat() ? "octetFp32" : "octet")) {
          rows.merge(row.bench() + " " + row.shape(), row, Row::with);
        }
      }
    }
  }

  /** Prints the tables of what was read. */
  void print(PrintStream out) {
    for (Map.Entry<String, String> bench : BENCHES.entrySet()) {
      List<Row> mine = ordered(bench.getKey());
      if (!mine.isEmpty()) {
        table(out, bench.getValue(), mine);
      }
    }
    means(out);
  }

  /** In the order of the acceptance table; other shapes last. */
  private List<Row> ordered(String bench) {
    List<Row> list = new ArrayList<>();
    for (Acceptance.Figure f : Acceptance.all()) {
      Row row = rows.get(f.bench() + " " + f.shape());
      if (f.bench().equals(bench) && row != null) {
        list.add(row);
      }
    }
    rows.values().stream()
        .filter(r -> r.bench().equals(bench) && !list.contains(r))
        .forEach(list::add);
    return list;
  }

  private void table(PrintStream out, String title, List<Row> list) {
    List<String> others = new ArrayList<>();
    for (String name : COMPETITORS.keySet()) {
      boolean ours = name.equals("octet") || list.stream().allMatch(r -> r.ours().equals(name));
      if (!ours && list.stream().anyMatch(r -> r.has(name))) {
        others.add(name);
      }
    }
    boolean reads = list.stream().anyMatch(r -> !Double.isNaN(r.percentOfRead()));
    out.printf("### %s%n%n| shape | Octet, us |", title);
    others.forEach(name -> out.printf(" %s |", COMPETITORS.get(name)));
    out.printf(
        " best peer / Octet | asked | %% of peak | asked | MAC/cycle |%s |%n|---|---|",
        reads ? " % of read |" : "");
    others.forEach(name -> out.print("---|"));
    out.print(reads ? "---|" : "");
    out.printf("---|---|---|---|---|---|%n");
    for (Row row : list) {
      out.printf("| %s | %s |", row.shape(), number(row.median(row.ours()) / 1000));
      for (String name : others) {
        out.printf(" %s |", row.has(name) ? times(row.ratio(name)) : "");
      }
      Acceptance.Figure asked = asked(row);
      double peak = asked.percentOfPeak();
      String best = row.best();
      out.printf(
          " %s | %s | %s | %s | %s |%s %s |%n",
          best == null ? "" : "**" + times(row.ratio(best)) + "** " + COMPETITORS.get(best),
          asked.ratio() == 0 ? "" : times(asked.ratio()),
          percent(row.percentOfPeak()),
          peak == 0 ? "" : format("%.0f %%", peak),
          Double.isNaN(row.macsPerCycle()) ? "" : number(row.macsPerCycle()),
          reads ? " " + percent(row.percentOfRead()) + " |" : "",
          verdict(row, asked));
    }
    out.println();
  }

  /**
   * "holds", "misses" with the part of the figure that was reached, or nothing where none is asked.
   */
  private String verdict(Row row, Acceptance.Figure asked) {
    if (row.mismatch()) {
      misses.add(row.bench() + " " + row.shape() + ": outputs differ");
      return "OUTPUTS DIFFER";
    }
    double reached = Double.POSITIVE_INFINITY;
    if (asked.ratio() > 0 && row.best() != null) {
      reached = row.ratio(row.best()) / asked.ratio();
    }
    double peak = asked.percentOfPeak();
    if (peak > 0 && !Double.isNaN(row.percentOfPeak())) {
      reached = Math.min(reached, row.percentOfPeak() / peak);
    }
    if (asked.macsPerCycle() > 0 && !Double.isNaN(row.macsPerCycle())) {
      reached = Math.min(reached, row.macsPerCycle() / asked.macsPerCycle());
    }
    if (row.isDepthwise() && asked.ratio() > 0 && row.bestFloat() != null) {
      // Faster than the best float kernel; no tolerance.
      double beside = row.ratio(row.bestFloat());
      reached = beside <= 1 ? Math.min(reached, beside * Acceptance.TOLERANCE) : reached;
    }
    if (reached == Double.POSITIVE_INFINITY) {
      return "";
    }
    if (reached >= Acceptance.TOLERANCE) {
      return "holds";
    }
    String text = format("misses: %.3f of the figure", reached);
    misses.add(row.bench() + " " + row.shape() + " " + text);
    return text;
  }

  private void means(PrintStream out) {
    List<Double> all = new ArrayList<>();
    List<Double> depthwise = new ArrayList<>();
    long asked = Acceptance.all().stream().filter(f -> f.ratio() > 0).count();
    for (Row row : rows.values()) {
      if (row.best() != null && asked(row).ratio() > 0) {
        all.add(row.ratio(row.best()));
        if (row.isDepthwise()) {
          depthwise.add(row.ratio(row.best()));
        }
      }
    }
    if (!all.isEmpty()) {
      out.printf(
          "- Geometric mean of the 8 bit rows (%d of %d): **%s**, asked %s.%n",
          all.size(), asked, times(mean(all)), times(Acceptance.INT8_MEAN));
    }
    if (!depthwise.isEmpty()) {
      out.printf(
          "- Geometric mean of the depthwise rows (%d): **%s**, asked %s.%n",
          depthwise.size(), times(mean(depthwise)), times(Acceptance.DEPTHWISE_MEAN));
    }
    IntSummaryStatistics rounds = rows.values().stream().mapToInt(Row::count).summaryStatistics();
    if (rounds.getCount() > 0) {
      boolean same = rounds.getMin() == rounds.getMax();
      out.printf(
          "- Rounds of a row: %s.%n",
          same ? rounds.getMin() : rounds.getMin() + " to " + rounds.getMax());
    }
    out.printf("- Rows that miss: %d.%n", misses.size());
    misses.forEach(m -> out.printf("  - %s%n", m));
  }

  private static Acceptance.Figure asked(Row row) {
    return Acceptance.of(row.bench(), row.shape(), row.registerBits());
  }

  private static double mean(List<Double> values) {
    return Math.exp(values.stream().mapToDouble(Math::log).average().orElse(0));
  }

  private static String percent(double value) {
    return Double.isNaN(value) ? "" : format("%.0f %%", value);
  }

  private static String times(double ratio) {
    return format("%.2fx", ratio);
  }

  private static String number(double value) {
    return format(value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
