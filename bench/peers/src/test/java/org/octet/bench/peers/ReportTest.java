package org.octet.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verdicts of made-up measurements. */
class ReportTest {
  @TempDir Path folder;

  private int files;

  private Path measured(String bench, String shape, String... metrics) throws IOException {
    StringBuilder json =
        new StringBuilder("[{\"benchmark\":\"org.octet.bench.peers." + bench + ".round\",")
            .append("\"params\":{\"shape\":\"" + shape + "\"},\"secondaryMetrics\":{");
    for (int i = 0; i < metrics.length; i += 2) {
      json.append(i == 0 ? "" : ",")
          .append("\"" + metrics[i] + "\":{\"rawData\":[[" + metrics[i + 1] + "]]}");
    }
    return Files.writeString(folder.resolve(files++ + ".json"), json.append("}}]"));
  }

  private static String report(Path... paths) throws IOException {
    Report report = new Report();
    for (Path p : paths) {
      report.read(p);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    report.print(new PrintStream(out, true, StandardCharsets.UTF_8));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theRatioIsTheMedianOfTheRatiosOfTheRoundsAndTheBestPeerHasTheLowestMedian()
      throws IOException {
    String text =
        report(
            measured(
                "GemmStaticBench",
                "1x768x768",
                "octet",
                "100,200,100",
                "onednnZp0",
                "150,340,160",
                "ort",
                "300,300,300",
                "torch",
                "0,0,0"));
    assertTrue(text.contains("**1.60x** oneDNN, zp 0 | 1.50x |"), text);
    assertTrue(text.contains("holds"), text);
    assertFalse(text.contains("PyTorch"), text);
    assertTrue(text.contains("(1 of 47): **1.60x**"), text);
  }

  @Test
  void aRowMayMissByItsRatioOrByItsPartOfThePeak() throws IOException {
    String slow = report(measured("GemmStaticBench", "1x768x768", "octet", "100", "ort", "146"));
    assertTrue(slow.contains("misses: 0.973 of the figure"), slow);
    String barely = report(measured("GemmStaticBench", "1x768x768", "octet", "100", "ort", "148"));
    assertTrue(barely.contains("holds"), barely);
    double macs = 128.0 * 768 * 768;
    String weak =
        report(
            measured(
                "GemmStaticBench",
                "128x768x768",
                "octet",
                "" + macs / 90,
                "ort",
                "" + macs / 50,
                "peakInt8",
                "100"));
    assertTrue(weak.contains("| 90 % | 95 % |"), weak);
    assertTrue(weak.contains("misses: 0.947 of the figure"), weak);
  }

  @Test
  void aDepthwiseRowMustBeFasterThanTheBestFloatKernel() throws IOException {
    String text =
        report(
            measured(
                "ConvInt8Bench",
                "32x32x3x1x112x32",
                "octet",
                "100",
                "onednnZp0",
                "300",
                "onednnFp32",
                "99"));
    assertTrue(text.contains("misses"), text);
    assertTrue(text.contains("depthwise rows (1): **3.00x**"), text);
  }

  @Test
  void aPaddedConvolutionCountsWithTheSlowerZeroPoint() throws IOException {
    String text =
        report(
            measured(
                "ConvInt8Bench",
                "64x64x3x1x56x1",
                "octet",
                "100",
                "octetZp0",
                "110",
                "onednnZp0",
                "110"));
    assertTrue(text.contains("**1.00x** oneDNN, zp 0"), text);
  }

  @Test
  void anOutputThatDiffersIsLoud() throws IOException {
    String text =
        report(measured("GemmStaticBench", "7x7x7", "octet", "1", "ort", "2", "mismatches", "1"));
    assertTrue(text.contains("OUTPUTS DIFFER"), text);
  }

  @Test
  void theRoundsOfSeveralFilesAreOneRow() throws IOException {
    Path first = measured("GemmStaticBench", "7x7x7", "octet", "1,1,1", "ort", "2,2,2");
    Path more =
        measured("GemmStaticBench", "7x7x7", "octet", "1,1,1,1", "ort", "3,3,3,3", "torch", "9");
    String text = report(first, more);
    assertTrue(text.contains("**3.00x**"), text);
    assertTrue(text.contains("Rounds of a row: 7."), text);
    assertFalse(text.contains("PyTorch"), "only one of them has it: " + text);
    Path wrong = measured("GemmStaticBench", "7x7x7", "octet", "1", "ort", "2", "mismatches", "1");
    assertTrue(report(first, wrong).contains("OUTPUTS DIFFER"));
    assertTrue(report(wrong, first).contains("OUTPUTS DIFFER"));
  }

  @Test
  void withAvx2TheRateIsAskedAndNotTheComparison() throws IOException {
    assertEquals(90, Acceptance.of("GemmFp32Bench", "512x512x512", 512).percentOfPeak());
    assertEquals(70, Acceptance.of("GemmFp32Bench", "512x512x512", 256).percentOfPeak());
    double macs = 512.0 * 512 * 512;
    for (double rate : new double[] {21, 22}) {
      String text =
          report(
              measured(
                  "GemmStaticBench",
                  "512x512x512",
                  "octet",
                  "" + macs / rate,
                  "ort",
                  "1000",
                  "clock",
                  "1",
                  "registerBits",
                  "256"));
      assertTrue(text.contains(rate == 22 ? "holds" : "misses: 0.955"), text);
    }
  }
}
