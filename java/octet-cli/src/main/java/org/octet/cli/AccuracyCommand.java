package org.octet.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.octet.backend.Backends;
import org.octet.backend.Octet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The accuracy table: two networks, every way of quantizing, weights of 8, 4 and 3 bits. */
@Command(
    name = "accuracy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a ResNet-style and a MobileNetV2-style CNN with several seeds, quantizes them by post-training",
      "dynamic and static quantization, with equalization and bias correction, and by quantization-aware",
      "training, at 8, 4 and 3 bits of weight, and prints top-1 with its 95 %% interval."
    })
final class AccuracyCommand implements Callable<Integer> {
  private static final int EPOCHS = 5;
  private static final int QAT_EPOCHS = 2;
  private static final int SEEDS = 3;
  private static final int CARRIED = 10_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder of IDX files: train-images-idx3-ubyte.gz and so on (default: the images that octet carries).")
  private Path folder;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the report there.")
  private Path json;

  @Option(
      names = "--seeds",
      description = "How many; they are 1, 2, ... (default: " + SEEDS + ", with --quick 1).")
  private Integer seeds;

  @Option(
      names = "--epochs",
      description = "Passes to train in float (default: " + EPOCHS + ", with --quick 1).")
  private Integer epochs;

  @Option(names = "--threads", description = "For training and scoring (default: all CPUs).")
  private Integer threads;

  @Option(
      names = "--quick",
      description = "A trial: 2,000 images to train on, 1,000 to score, one epoch, one seed.")
  private boolean quick;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    int seedCount = positive("--seeds", seeds, quick ? 1 : SEEDS);
    int floatEpochs = positive("--epochs", epochs, quick ? 1 : EPOCHS);
    int qatEpochs = quick ? 1 : QAT_EPOCHS;
    int cpus = positive("--threads", threads, Runtime.getRuntime().availableProcessors());
    Backends.current();
    PrintWriter out = spec.commandLine().getOut();
    FashionMnist.Data data =
        folder == null
            ? new FashionMnist.Data(FashionMnist.train(CARRIED), FashionMnist.test(CARRIED))
            : FashionMnist.folder(folder);
    if (quick) {
      data = new FashionMnist.Data(data.train().first(2000), data.test().first(1000));
    }
    long[] seedList = LongStream.rangeClosed(1, seedCount).toArray();
    AccuracyStudy study = new AccuracyStudy(data, floatEpochs, qatEpochs, cpus);
    List<AccuracyReport.Network> networks = new ArrayList<>();
    for (AccuracyStudy.Architecture a :
        List.of(
            new AccuracyStudy.Architecture(
                "ResNet-style", "ResNet", ResNetStyle::new, ResNetStyle.pairs()),
            new AccuracyStudy.Architecture(
                "MobileNetV2-style", "MobileNet", MobileNetStyle::new, MobileNetStyle.pairs()))) {
      networks.add(study.run(a, seedList));
    }
    AccuracyReport report =
        new AccuracyReport(
            Octet.describe(),
            folder == null ? "Fashion-MNIST, the part that octet carries" : folder.toString(),
            data.train().size(),
            data.test().size(),
            floatEpochs,
            qatEpochs,
            seedList,
            (System.nanoTime() - start) / 1e9,
            networks);
    report.print(out);
    if (json != null) {
      report.writeJson(json);
    }
    return 0;
  }

  private int positive(String option, Integer value, int absent) {
    int v = value == null ? absent : value;
    if (v < 1) {
      throw new ParameterException(
          spec.commandLine(), option + " is " + v + "; expected at least 1.");
    }
    return v;
  }
}
