package org.octet.cli;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the demo found.
 *
 * @param description backend, instruction set and machine
 * @param seconds from start to report
 */
record DemoReport(
    String description,
    int trainImages,
    int testImages,
    int epochs,
    long seed,
    double seconds,
    List<Row> rows) {
  /**
   * One network.
   *
   * @param top1 share of the test images whose label is right, 0..1
   * @param weightBytes of the parameters as stored
   * @param speedUp of the median latency over the float network's
   */
  record Row(
      String name,
      double top1,
      long weightBytes,
      double medianMicros,
      double p99Micros,
      double speedUp) {}

  /** Prints the table. */
  void print(PrintWriter out) {
    out.println();
    out.println(description);
    out.printf(
        "Top-1 on %,d test images; latency of one image, one thread, one call of the Program.%n%n",
        testImages);
    out.printf(
        "%-34s %9s %14s %12s %10s %10s%n",
        "network", "top-1", "weight bytes", "median us", "p99 us", "speed-up");
    for (Row r : rows) {
      out.printf(
          "%-34s %8.2f%% %,14d %12.1f %10.1f %9.2fx%n",
          r.name, 100 * r.top1, r.weightBytes, r.medianMicros, r.p99Micros, r.speedUp);
    }
    out.flush();
  }

  /** Writes the report as JSON. */
  void writeJson(Path file) throws IOException {
    Files.writeString(file, new GsonBuilder().setPrettyPrinting().create().toJson(this) + "\n");
  }
}
