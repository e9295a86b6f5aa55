package org.octet.bench.peers;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One row as it was measured: a number for each competitor and round. */
final class Row {
  /** 8 bit competitors other than ours. */
  static final List<String> INT8_PEERS =
      List.of("onednnZp0", "onednnZp128", "ort", "ortMatMul", "torch");

  /** Float competitors other than ours. */
  static final List<String> FP32_PEERS =
      List.of("onednnFp32", "ortFp32", "torchFp32", "openblasFp32");

  private final String bench;
  private final String shape;
  private final Map<String, double[]> rounds = new LinkedHashMap<>();

  Row(String bench, String shape, Map<String, double[]> rounds) {
    this.bench = bench;
    this.shape = shape;
    rounds.forEach(
        (name, values) -> {
          if (values.length > 0 && Arrays.stream(values).allMatch(v -> v > 0)) {
            this.rounds.put(name, values);
          }
        });
  }

  /** A result of JMH's JSON; null if it is not of these benchmarks. */
  static Row of(JsonObject result) {
    String name = result.get("benchmark").getAsString();
    String prefix = Row.class.getPackageName() + ".";
    if (!name.startsWith(prefix)
        || !name.endsWith(".round")
        || result.getAsJsonObject("params") == null) {
      return null;
    }
    Map<String, double[]> rounds = new LinkedHashMap<>();
    JsonObject metrics = result.getAsJsonObject("secondaryMetrics");
    for (String metric : metrics.keySet()) {
      JsonArray forks = metrics.getAsJsonObject(metric).getAsJsonArray("rawData");
      double[] values =
          forks.asList().stream()
              .flatMap(f -> f.getAsJsonArray().asList().stream())
              .mapToDouble(v -> v.getAsDouble())
              .toArray();
      rounds.put(metric, values);
    }
    return new Row(
        name.substring(prefix.length(), name.length() - ".round".length()),
        result.getAsJsonObject("params").get("shape").getAsString(),
        rounds);
  }

  /** The rounds of both, of the competitors that both have: the same row measured again. */
  Row with(Row more) {
    Map<String, double[]> all = new LinkedHashMap<>();
    rounds.forEach(
        (name, values) -> {
          double[] others = more.rounds.get(name);
          if (others != null) {
            double[] joined = Arrays.copyOf(values, values.length + others.length);
            System.arraycopy(others, 0, joined, values.length, others.length);
            all.put(name, joined);
          }
        });
    // One round that computed something else spoils all.
    for (Row row : new Row[] {this, more}) {
      if (row.mismatch()) {
        all.put("mismatches", row.rounds.get("mismatches"));
      }
    }
    return new Row(bench, shape, all);
  }

  String bench() {
    return bench;
  }

  String shape() {
    return shape;
  }

  /** Rounds. */
  int count() {
    return rounds.get(ours()).length;
  }

  boolean has(String competitor) {
    return rounds.containsKey(competitor);
  }

  /** Whether some competitor computed something else. */
  boolean mismatch() {
    return has("mismatches");
  }

  double median(String competitor) {
    return median(rounds.get(competitor));
  }

  boolean isFloat() {
    return bench.equals("GemmFp32Bench");
  }

  boolean isDepthwise() {
    int[] s = numbers();
    return s.length == 6 && s[5] > 1 && s[5] == s[0];
  }

  /** Ours: with a padded 3x3 the slower of the two zero points, since any may come. */
  String ours() {
    if (isFloat()) {
      return "octetFp32";
    }
    int[] s = numbers();
    boolean padded = s.length == 6 && s[2] > 1 && has("octetZp0") && !isDepthwise();
    return padded && median("octetZp0") > median("octet") ? "octetZp0" : "octet";
  }

  /** The fastest of the others; null if there is none. */
  String best() {
    return (isFloat() ? FP32_PEERS : INT8_PEERS)
        .stream()
            .filter(this::has)
            .min((a, b) -> Double.compare(median(a), median(b)))
            .orElse(null);
  }

  /** The fastest float kernel, ours included; null if there is none. */
  String bestFloat() {
    return java.util.stream.Stream.concat(
            FP32_PEERS.stream(), java.util.stream.Stream.of("octetFp32"))
        .filter(this::has)
        .min((a, b) -> Double.compare(median(a), median(b)))
        .orElse(null);
  }

  /** Median over the rounds of a competitor's time over ours. */
  double ratio(String competitor) {
    double[] theirs = rounds.get(competitor);
    double[] mine = rounds.get(ours());
    double[] ratios = new double[Math.min(theirs.length, mine.length)];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = theirs[i] / mine[i];
    }
    return median(ratios);
  }

  /** Median over the rounds of what we do over what the core can, in percent; NaN without probe. */
  double percentOfPeak() {
    return rate(isFloat() ? "peakFp32" : "peakInt8") * 100;
  }

  /** NaN without probe. */
  double macsPerCycle() {
    return rate("clock");
  }

  /** Median over the rounds of reading the weights over our time, in percent; NaN where unknown. */
  double percentOfRead() {
    return has("readWeights") ? ratio("readWeights") * 100 : Double.NaN;
  }

  double registerBits() {
    return has("registerBits") ? median("registerBits") : 0;
  }

  private double rate(String limit) {
    double[] peak = rounds.get(limit);
    double[] mine = rounds.get(ours());
    if (peak == null) {
      return Double.NaN;
    }
    double[] rates = new double[Math.min(peak.length, mine.length)];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = macs() / mine[i] / peak[i];
    }
    return median(rates);
  }

  private double macs() {
    int[] s = numbers();
    if (s.length == 3) {
      return (double) s[0] * s[1] * s[2];
    }
    return new Operands.Conv(s[0], s[1], s[2], s[3], s[4], s[5]).macs();
  }

  private int[] numbers() {
    return Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
  }

  static double median(double[] values) {
    double[] v = values.clone();
    Arrays.sort(v);
    int n = v.length;
    return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
  }
}
