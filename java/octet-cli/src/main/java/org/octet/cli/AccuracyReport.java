package org.octet.cli;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What the accuracy command found.
 *
 * @param description backend, instruction set and machine
 * @param seconds from start to report
 */
record AccuracyReport(
    String description,
    String data,
    int trainImages,
    int testImages,
    int epochs,
    int qatEpochs,
    long[] seeds,
    double seconds,
    List<Network> networks) {
  /** Two-sided 95 % quantiles of Student's t for 1, 2, ... degrees of freedom. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  /** PTQ's loss from which on the share that training wins back is given, in points. */
  private static final double NOTABLE_LOSS = 3;

  /**
   * One network.
   *
   * @param floatTop1 percent, over the seeds
   * @param labelsDiffer of the 8-bit QAT network, share of test images that get another label from
   *     the converted network than from the fake-quantized one, over the seeds
   * @param codesDiffer the same of the output codes
   */
  record Network(
      String name,
      long parameters,
      Interval floatTop1,
      List<Cell> cells,
      List<Recovery> recoveries,
      double[] labelsDiffer,
      double[] codesDiffer) {}

  /**
   * One way of quantizing at one width.
   *
   * @param top1 percent, over the seeds
   * @param difference to the float network of the same seed, on the same images, in points
   */
  record Cell(String method, int bits, Interval top1, Interval difference) {}

  /**
   * A setting that was chosen as the harsh one before anything was measured.
   *
   * @param loss what PTQ loses, in points
   * @param wonBack the share of it that QAT wins back; NaN if it loses less than 3 points
   */
  record Recovery(String setting, double loss, double wonBack) {}

  /**
   * A mean and its 95 % interval.
   *
   * @param values one for each seed
   * @param halfWidth null for a single seed
   */
  record Interval(double[] values, double mean, Double halfWidth) {
    static Interval of(double[] values) {
      double mean = 0;
      for (double v : values) {
        mean += v / values.length;
      }
      if (values.length < 2) {
        return new Interval(values, mean, null);
      }
      double squares = 0;
      for (double v : values) {
        squares += (v - mean) * (v - mean);
      }
      int freedom = values.length - 1;
      double t = freedom <= T.length ? T[freedom - 1] : 1.96;
      return new Interval(values, mean, t * Math.sqrt(squares / freedom / values.length));
    }

    String text(String format) {
      String half = halfWidth == null ? "n/a" : String.format(Locale.ROOT, "%.2f", halfWidth);
      return String.format(Locale.ROOT, format, mean) + " +- " + half;
    }
  }

  static Recovery recovery(String setting, Interval floats, Interval ptq, Interval qat) {
    double loss = floats.mean - ptq.mean;
    return new Recovery(
        setting, loss, loss < NOTABLE_LOSS ? Double.NaN : (qat.mean - ptq.mean) / loss);
  }

  /** Prints one table a network. */
  void print(PrintWriter out) {
    out.println();
    out.println(description);
    out.printf(
        "%s: %,d images to train on, %,d to score; seeds: %d, epochs: %d, QAT epochs: %d; %.0f s.%n",
        data, trainImages, testImages, seeds.length, epochs, qatEpochs, seconds);
    out.println(
        "PTQ starts from the float network; QAT trains it on, so that it also gets its epochs more.");
    out.println("CLE + BC: cross layer equalization, then bias correction.");
    out.println(
        "Top-1 in percent; in brackets the difference to float in points with its 95 % interval over the seeds.");
    for (Network n : networks) {
      print(out, n);
    }
    out.flush();
  }

  private static void print(PrintWriter out, Network n) {
    out.printf("%n%s, %,d parameters; float %s%n", n.name, n.parameters, n.floatTop1.text("%.2f"));
    int[] bits = n.cells.stream().mapToInt(Cell::bits).distinct().toArray();
    out.printf("  %-30s", "weights");
    for (int b : bits) {
      out.printf(" %-25s", b + " bit");
    }
    out.println();
    for (String method : n.cells.stream().map(Cell::method).distinct().toList()) {
      out.printf("  %-30s", method);
      for (int b : bits) {
        String text =
            n.cells.stream()
                .filter(c -> c.method.equals(method) && c.bits == b)
                .map(
                    c ->
                        String.format(
                            Locale.ROOT, "%.2f (%s)", c.top1.mean, c.difference.text("%+.2f")))
                .findFirst()
                .orElse("");
        out.printf(" %-25s", text);
      }
      out.println();
    }
    for (Recovery r : n.recoveries) {
      out.printf(
          Locale.ROOT,
          "  %s: PTQ loses %.2f points%s%n",
          r.setting,
          r.loss,
          Double.isNaN(r.wonBack)
              ? ", too few to speak of winning back."
              : String.format(Locale.ROOT, ", QAT wins back %.0f %%.", 100 * r.wonBack));
    }
    out.printf(
        Locale.ROOT,
        "  8-bit QAT, converted against fake-quantized: %.3f %% of the labels and %.2f %% of the output codes differ.%n",
        100 * Interval.of(n.labelsDiffer).mean,
        100 * Interval.of(n.codesDiffer).mean);
  }

  /** Writes the report as JSON. */
  void writeJson(Path file) throws IOException {
    Files.writeString(
        file,
        new GsonBuilder()
                .setPrettyPrinting()
                .serializeSpecialFloatingPointValues()
                .create()
                .toJson(this)
            + "\n");
  }
}
