package org.octet.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.octet.backend.Backends;
import org.octet.backend.Octet;
import org.octet.graph.Tracer;
import org.octet.nn.Init;
import org.octet.nn.Module;
import org.octet.quantization.Engine;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.Quantization;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Trains a small network, quantizes it in every way there is, and shows what each costs and gains.
 */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a small CNN on Fashion-MNIST images, quantizes it by post-training dynamic and static",
      "quantization and by quantization-aware training, and prints accuracy, size and latency side by side."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int CALIBRATION_IMAGES = 1000;
  private static final double LEARNING_RATE = 0.08;
  private static final double QAT_LEARNING_RATE = 0.02;

  /** What the demo did, as a user would write it. */
  private static final String CODE =
      """
      The code that did it:

        Module dynamic   = Quantization.quantizeDynamic(model);

        Module fused     = Fusion.fuse(model);
        Module prepared  = Quantization.prepare(fused, QConfigMapping.forEngine(Engine.X86));
        for (FloatTensor batch : calibration) prepared.forward(batch);
        Module quantized = Quantization.convert(prepared);

        Module trainable = Quantization.prepareQat(Fusion.fuseQat(model.train()), QConfigMapping.qat(Engine.X86));
        // ... an epoch of training as before ...
        Module trained   = Quantization.convert(trainable);

        Program program  = Program.compile(Tracer.trace(quantized, example));
        program.run(input, output);
      """;

  @Spec private CommandSpec spec;

  @Option(
      names = "--epochs",
      defaultValue = "5",
      description = "Passes over the training images (${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of weights and shuffling (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--backend", description = "native or java (default: native where it loads).")
  private String backend;

  @Option(
      names = "--threads",
      description = "For training and scoring (default: all CPUs). Latency is always on one.")
  private Integer threads;

  @Option(
      names = "--train-images",
      defaultValue = "10000",
      description = "How many to train on (${DEFAULT-VALUE}).")
  private int trainImages;

  @Option(
      names = "--test-images",
      defaultValue = "10000",
      description = "How many to score (${DEFAULT-VALUE}).")
  private int testImages;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the report there.")
  private Path json;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    positive("--epochs", epochs);
    positive("--train-images", trainImages);
    positive("--test-images", testImages);
    int cpus = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    positive("--threads", cpus);
    if (backend != null) {
      // Read once, when the first operator asks for a backend.
      System.setProperty("octet.backend", backend);
    }
    Backends.current();
    PrintWriter out = spec.commandLine().getOut();

    FashionMnist.Images train = FashionMnist.train(trainImages);
    FashionMnist.Images test = FashionMnist.test(testImages);
    Init.seed(seed);
    DemoModel model = new DemoModel();
    Classification.train(model, train, epochs, LEARNING_RATE, seed);

    Map<String, Module> networks = networks(model, train);
    networks.put("QAT int8 per channel", quantizeQat(model, train));
    DemoReport report = measure(networks, train, test, cpus, start);
    report.print(out);
    out.println();
    out.println(CODE);
    out.flush();
    if (json != null) {
      report.writeJson(json);
    }
    return 0;
  }

  private void positive(String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          spec.commandLine(), option + " is " + value + "; expected at least 1.");
    }
  }

  /** The float network and its quantized versions. */
  static Map<String, Module> networks(Module model, FashionMnist.Images calibration) {
    Module fused = Fusion.fuse(model);
    Map<String, Module> networks = new LinkedHashMap<>();
    networks.put("float", fused);
    networks.put("dynamic int8 (linear layers only)", Quantization.quantizeDynamic(fused));
    networks.put("static int8 per tensor", quantizeStatic(fused, Engine.QNNPACK, calibration));
    networks.put("static int8 per channel", quantizeStatic(fused, Engine.X86, calibration));
    return networks;
  }

  private static Module quantizeStatic(Module fused, Engine engine, FashionMnist.Images data) {
    Module prepared = Quantization.prepare(fused, QConfigMapping.forEngine(engine));
    Classification.batches(
        data, Math.min(CALIBRATION_IMAGES, data.size()), batch -> prepared.forward(batch));
    return Quantization.convert(prepared);
  }

  /** Fine-tunes the float network for an epoch with fake quantization. */
  private Module quantizeQat(Module model, FashionMnist.Images data) {
    Module trainable = prepareQat(model);
    Classification.trainQat(trainable, data, 1, QAT_LEARNING_RATE, seed, "QAT epoch");
    return Quantization.convert(trainable);
  }

  /** A copy with fake quantizers. */
  static Module prepareQat(Module model) {
    return Quantization.prepareQat(
        Fusion.fuseQat(model.copy().train()), QConfigMapping.qat(Engine.X86));
  }

  private DemoReport measure(
      Map<String, Module> networks,
      FashionMnist.Images train,
      FashionMnist.Images test,
      int cpus,
      long start) {
    FloatTensor example = FloatTensor.zeros(1, 1, DemoModel.SIZE, DemoModel.SIZE);
    List<Program> programs = new ArrayList<>();
    try {
      for (Module m : networks.values()) {
        programs.add(Program.compile(Tracer.trace(m, example)));
      }
      List<LatencyTimer.Latency> latencies =
          LatencyTimer.time(programs, Classification.singles(test, 100));
      List<DemoReport.Row> rows = new ArrayList<>();
      int i = 0;
      for (Map.Entry<String, Module> e : networks.entrySet()) {
        LatencyTimer.Latency l = latencies.get(i);
        rows.add(
            new DemoReport.Row(
                e.getKey(),
                Classification.top1(programs.get(i), test, cpus),
                programs.get(i).weightBytes(),
                l.medianMicros(),
                l.p99Micros(),
                latencies.get(0).medianMicros() / l.medianMicros()));
        i++;
      }
      return new DemoReport(
          Octet.describe(),
          train.size(),
          test.size(),
          epochs,
          seed,
          (System.nanoTime() - start) / 1e9,
          rows);
    } finally {
      programs.forEach(Program::close);
    }
  }
}
