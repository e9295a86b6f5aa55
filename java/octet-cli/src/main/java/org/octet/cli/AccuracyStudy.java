package org.octet.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.octet.graph.Tracer;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.LinearReLU;
import org.octet.nn.quantized.QuantizedLayer;
import org.octet.quantization.Engine;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfig;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QConfigs;
import org.octet.quantization.Quantization;
import org.octet.quantization.analysis.BiasCorrection;
import org.octet.quantization.analysis.CrossLayerEqualization;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;

/**
 * Trains a network with several seeds, quantizes it in every way at every width, and scores all of
 * them.
 */
final class AccuracyStudy {
  private static final int[] BITS = {8, 4, 3};
  private static final int CALIBRATION_IMAGES = 1000;
  private static final int CORRECTION_IMAGES = 500;
  private static final double LEARNING_RATE = 0.08;
  private static final double QAT_LEARNING_RATE = 0.02;

  private static final String DYNAMIC = "PTQ dynamic (linear only)";
  private static final String PER_TENSOR = "PTQ static per tensor";
  private static final String PER_CHANNEL = "PTQ static per channel";
  private static final String CORRECTED = "PTQ per tensor + CLE + BC";
  private static final String QAT = "QAT per channel";
  private static final String QAT_PER_TENSOR = "QAT per tensor";

  /**
   * A kind of network.
   *
   * @param shortName for the progress bar
   * @param pairs for equalization, as paths of the fused network
   */
  record Architecture(
      String name,
      String shortName,
      Supplier<Module> constructor,
      List<CrossLayerEqualization.Pair> pairs) {}

  private record Column(String method, int bits) {}

  private final FashionMnist.Data data;
  private final int epochs;
  private final int qatEpochs;
  private final int threads;

  AccuracyStudy(FashionMnist.Data data, int epochs, int qatEpochs, int threads) {
    this.data = data;
    this.epochs = epochs;
    this.qatEpochs = qatEpochs;
    this.threads = threads;
  }

  /** Runs the study of one network; {@code seeds} decide weights and shuffling. */
  AccuracyReport.Network run(Architecture a, long[] seeds) {
    double[] floats = new double[seeds.length];
    double[] labels = new double[seeds.length];
    double[] codes = new double[seeds.length];
    Map<Column, double[]> results = new LinkedHashMap<>();
    long parameters = 0;
    for (int s = 0; s < seeds.length; s++) {
      Init.seed(seeds[s]);
      Module model = a.constructor().get();
      parameters = model.parameters().stream().mapToLong(FloatTensor::numel).sum();
      String task = a.shortName() + " seed " + seeds[s];
      Classification.train(
          model, data.train(), epochs, LEARNING_RATE, 0, seeds[s], task + " float", step -> {});
      Module fused = Fusion.fuse(model);
      floats[s] = top1(fused);
      Module equalized = CrossLayerEqualization.equalize(fused, a.pairs());
      for (int bits : BITS) {
        put(results, DYNAMIC, bits, s, seeds.length, top1(dynamic(fused, bits)));
        put(results, PER_TENSOR, bits, s, seeds.length, top1(ptq(fused, Engine.QNNPACK, bits)));
        put(results, PER_CHANNEL, bits, s, seeds.length, top1(ptq(fused, Engine.X86, bits)));
        Module corrected =
            BiasCorrection.correct(
                equalized, ptq(equalized, Engine.QNNPACK, bits), batches(CORRECTION_IMAGES));
        put(results, CORRECTED, bits, s, seeds.length, top1(corrected));
        Module trained = train(model, Engine.X86, bits, seeds[s], task);
        Module converted = Quantization.convert(trained);
        put(results, QAT, bits, s, seeds.length, top1(converted));
        if (bits == 8) {
          double[] d = differences(trained, converted);
          labels[s] = d[0];
          codes[s] = d[1];
        }
        if (bits == 4) {
          Module perTensor =
              Quantization.convert(train(model, Engine.QNNPACK, bits, seeds[s], task));
          put(results, QAT_PER_TENSOR, bits, s, seeds.length, top1(perTensor));
        }
      }
    }
    return report(a.name(), parameters, floats, results, labels, codes);
  }

  private static void put(
      Map<Column, double[]> results, String method, int bits, int s, int seeds, double top1) {
    results.computeIfAbsent(new Column(method, bits), c -> new double[seeds])[s] = top1;
  }

  private static AccuracyReport.Network report(
      String name,
      long parameters,
      double[] floats,
      Map<Column, double[]> results,
      double[] labels,
      double[] codes) {
    AccuracyReport.Interval floatTop1 = AccuracyReport.Interval.of(floats);
    List<AccuracyReport.Cell> cells = new ArrayList<>();
    Map<Column, AccuracyReport.Interval> intervals = new LinkedHashMap<>();
    for (Map.Entry<Column, double[]> e : results.entrySet()) {
      double[] difference = e.getValue().clone();
      for (int s = 0; s < difference.length; s++) {
        difference[s] -= floats[s];
      }
      AccuracyReport.Interval top1 = AccuracyReport.Interval.of(e.getValue());
      intervals.put(e.getKey(), top1);
      cells.add(
          new AccuracyReport.Cell(
              e.getKey().method(),
              e.getKey().bits(),
              top1,
              AccuracyReport.Interval.of(difference)));
    }
    List<AccuracyReport.Recovery> recoveries =
        List.of(
            AccuracyReport.recovery(
                "3 bit per channel",
                floatTop1,
                intervals.get(new Column(PER_CHANNEL, 3)),
                intervals.get(new Column(QAT, 3))),
            AccuracyReport.recovery(
                "4 bit per tensor",
                floatTop1,
                intervals.get(new Column(PER_TENSOR, 4)),
                intervals.get(new Column(QAT_PER_TENSOR, 4))));
    return new AccuracyReport.Network(
        name, parameters, floatTop1, cells, recoveries, labels, codes);
  }

  // ---- ways of quantizing
  // --------------------------------------------------------------------------------------------

  private static Module dynamic(Module fused, int bits) {
    QConfig q = QConfigs.DEFAULT_DYNAMIC.weightBits(bits);
    return Quantization.quantizeDynamic(
        fused,
        new QConfigMapping().setObjectType(Linear.class, q).setObjectType(LinearReLU.class, q));
  }

  private Module ptq(Module fused, Engine engine, int bits) {
    QConfigMapping mapping =
        new QConfigMapping().setGlobal(engine.defaultQConfig().weightBits(bits));
    return Quantization.quantize(
        fused,
        mapping,
        prepared -> Classification.batches(data.train(), calibration(), prepared::forward));
  }

  private int calibration() {
    return Math.min(CALIBRATION_IMAGES, data.train().size());
  }

  private List<FloatTensor> batches(int images) {
    List<FloatTensor> out = new ArrayList<>();
    int n = Math.min(images, data.train().size());
    for (int from = 0; from < n; from += 100) {
      out.add(data.train().images().slice(0, from, Math.min(n, from + 100)));
    }
    return out;
  }

  /** The float network, fine-tuned with fake quantization; in evaluation mode. */
  private Module train(Module model, Engine engine, int bits, long seed, String task) {
    Module copy = model.copy().train();
    QConfigMapping mapping =
        new QConfigMapping().setGlobal(engine.defaultQatQConfig().weightBits(bits));
    Module prepared = Quantization.prepareQat(Fusion.fuseQat(copy), mapping);
    Classification.trainQat(
        prepared, data.train(), qatEpochs, QAT_LEARNING_RATE, seed, task + " QAT " + bits + "b");
    return prepared;
  }

  // ---- scoring
  // -------------------------------------------------------------------------------------------------------

  private Program program(Module m) {
    return Program.compile(
        Tracer.trace(m, FloatTensor.zeros(1, 1, DemoModel.SIZE, DemoModel.SIZE)));
  }

  /** In percent. */
  private double top1(Module m) {
    try (Program p = program(m)) {
      return 100 * Classification.top1(p, data.test(), threads);
    }
  }

  /**
   * Shares of labels and of output codes in which the converted network differs from the
   * fake-quantized one.
   */
  private double[] differences(Module trained, Module converted) {
    float[] fake = Classification.scores(x -> (FloatTensor) trained.forward(x), data.test());
    float[] real;
    try (Program p = program(converted)) {
      real = Classification.scores(p, data.test(), threads);
    }
    float scale = ((QuantizedLayer) converted.module("classifier")).scale();
    int differ = 0;
    for (int i = 0; i < fake.length; i++) {
      differ += Math.rint(fake[i] / scale) == Math.rint(real[i] / scale) ? 0 : 1;
    }
    return new double[] {
      Classification.differingLabels(fake, real, data.test().size()), differ / (double) fake.length
    };
  }
}
