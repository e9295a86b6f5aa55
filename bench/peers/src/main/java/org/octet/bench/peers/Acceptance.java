package org.octet.bench.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is asked of each row: the one table of the figures, in the order of the report. */
final class Acceptance {
  /** A row holds when its median reaches this part of the figure. */
  static final double TOLERANCE = 0.98;

  /** Asked of the geometric mean of all 8 bit rows. */
  static final double INT8_MEAN = 1.35;

  /** Asked of the geometric mean of the depthwise rows. */
  static final double DEPTHWISE_MEAN = 3;

  /** Asked with AVX2 at 512x512x512: exact products, multiply-accumulates a cycle. */
  static final double AVX2_MACS_PER_CYCLE = 22;

  /** Asked with AVX2 of the float products. */
  private static final double AVX2_FP32_PERCENT = 70;

  private static final String STATIC = "GemmStaticBench";
  private static final String DYNAMIC = "GemmDynamicBench";
  private static final String CONV = "ConvInt8Bench";
  private static final String FP32 = "GemmFp32Bench";

  private static final List<Figure> ALL = new ArrayList<>();

  static {
    add(STATIC, 1.5, 0, "1x768x768");
    add(STATIC, 1.4, 0, "1x768x3072", "1x3072x768");
    add(STATIC, 1.3, 0, "8x384x384");
    add(STATIC, 1.07, 0, "32x384x1536");
    add(STATIC, 1.0, 95, "128x768x768");
    add(STATIC, 1.0, 93, "128x768x3072");
    add(STATIC, 1.0, 95, "128x3072x768", "512x512x512");
    add(STATIC, 1.0, 93, "1024x1024x1024", "2048x2048x2048");

    add(DYNAMIC, 1.4, 0, "1x768x768", "1x768x3072", "1x3072x768", "8x384x384");
    add(DYNAMIC, 1.2, 0, "32x384x1536");
    add(DYNAMIC, 1.08, 0, "128x768x768");
    add(DYNAMIC, 1.03, 0, "128x768x3072");
    add(DYNAMIC, 1.08, 0, "128x3072x768", "512x512x512", "1024x1024x1024", "2048x2048x2048");

    // ResNet: stem, 3x3, 1x1.
    add(CONV, 1.2, 0, "3x64x7x2x224x1");
    add(CONV, 1.0, 0, "64x64x3x1x56x1");
    add(CONV, 1.15, 0, "64x256x1x1x56x1");
    add(CONV, 1.03, 0, "256x64x1x1x56x1");
    add(CONV, 1.0, 0, "128x128x3x1x28x1");
    add(CONV, 1.03, 0, "512x128x1x1x28x1");
    add(CONV, 1.0, 0, "256x256x3x1x14x1");
    add(CONV, 1.03, 0, "1024x256x1x1x14x1");
    add(CONV, 1.0, 0, "512x512x3x1x7x1");
    add(CONV, 1.03, 0, "2048x512x1x1x7x1", "512x2048x1x1x7x1");
    // MobileNet: stem, depthwise, 1x1.
    add(CONV, 1.4, 0, "3x32x3x2x224x1");
    add(
        CONV,
        2.5,
        0,
        "32x32x3x1x112x32",
        "96x96x3x2x112x96",
        "144x144x3x1x56x144",
        "192x192x3x2x28x192",
        "192x192x3x1x28x192",
        "384x384x3x1x14x384",
        "576x576x3x1x14x576",
        "960x960x3x1x7x960");
    add(CONV, 1.4, 0, "16x96x1x1x112x1");
    add(CONV, 1.3, 0, "24x144x1x1x56x1", "144x24x1x1x56x1");
    add(CONV, 1.05, 0, "384x64x1x1x14x1", "320x1280x1x1x7x1");

    // A single row is a matrix-vector product, bound by the memory that the weights come from.
    add(FP32, 0, 0, "1x768x768", "1x768x3072", "1x3072x768");
    add(FP32, 0, 90, "8x384x384", "32x384x1536", "128x768x768");
    add(FP32, 0, 85, "128x768x3072", "128x3072x768");
    add(FP32, 0, 90, "512x512x512", "1024x1024x1024", "2048x2048x2048");
  }

  private Acceptance() {}

  /**
   * One row.
   *
   * @param bench simple name of the benchmark class
   * @param ratio time of the best peer over ours; 0: none asked
   * @param percentOfPeak 0: none asked
   * @param macsPerCycle 0: none asked
   */
  record Figure(
      String bench, String shape, double ratio, double percentOfPeak, double macsPerCycle) {}

  /** All rows. */
  static List<Figure> all() {
    return ALL;
  }

  /**
   * Of a row under registers of so many bits. Nothing is asked of a shape that is not in the table.
   * The comparison holds for AVX-512; with AVX2 (where the others would still use AVX-512) it is
   * the rate that is asked.
   */
  static Figure of(String bench, String shape, double registerBits) {
    Figure figure =
        ALL.stream()
            .filter(f -> f.bench.equals(bench) && f.shape.equals(shape))
            .findFirst()
            .orElse(new Figure(bench, shape, 0, 0, 0));
    if (registerBits != 256) {
      return figure;
    }
    boolean product = bench.equals(STATIC) && shape.equals("512x512x512");
    return new Figure(
        bench,
        shape,
        0,
        bench.equals(FP32) && figure.percentOfPeak > 0 ? AVX2_FP32_PERCENT : 0,
        product ? AVX2_MACS_PER_CYCLE : 0);
  }

  private static void add(String bench, double ratio, double percent, String... shapes) {
    Arrays.stream(shapes).forEach(s -> ALL.add(new Figure(bench, s, ratio, percent, 0)));
  }
}
