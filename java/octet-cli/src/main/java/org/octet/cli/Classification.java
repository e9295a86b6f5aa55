package org.octet.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.octet.autograd.Tape;
import org.octet.data.Batch;
import org.octet.data.DataLoader;
import org.octet.nn.CrossEntropyLoss;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.qat.FoldsBatchNorm;
import org.octet.optim.CosineAnnealingLR;
import org.octet.optim.LRScheduler;
import org.octet.optim.LinearLR;
import org.octet.optim.SGD;
import org.octet.optim.SequentialLR;
import org.octet.quantization.FakeQuantize;
import org.octet.runtime.Program;
import org.octet.runtime.Session;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.TensorScope;

/** Training and scoring of image classifiers, with a progress bar. */
final class Classification {
  private static final int BATCH = 64;
  private static final int SCORE_BATCH = 100;

  private Classification() {}

  /**
   * Trains with SGD (momentum 0.9, weight decay 5e-4), the learning rate falling from {@code
   * learningRate} to zero along a half cosine; the model is in evaluation mode afterwards.
   */
  static void train(
      Module model, FashionMnist.Images data, int epochs, double learningRate, long seed) {
    train(model, data, epochs, learningRate, 0, seed, "epoch", step -> {});
  }

  /**
   * Fine-tunes a network from {@code prepareQat} as {@link #train(Module, FashionMnist.Images, int,
   * double, long)}. For the last third of the steps the ranges and the running statistics stand
   * still, so that what is trained is what is deployed.
   */
  static void trainQat(
      Module model,
      FashionMnist.Images data,
      int epochs,
      double learningRate,
      long seed,
      String task) {
    long freeze = (long) epochs * steps(data) * 2 / 3;
    train(
        model,
        data,
        epochs,
        learningRate,
        steps(data) / 10,
        seed,
        task,
        step -> {
          if (step == freeze) {
            model.apply(FakeQuantize::disableObserver);
            model.apply(FoldsBatchNorm::freezeBnStats);
          }
        });
  }

  private static int steps(FashionMnist.Images data) {
    return (data.size() + BATCH - 1) / BATCH;
  }

  /**
   * Trains; the rate first grows for {@code warmUp} steps; {@code beforeStep} gets the number of
   * each step.
   */
  static void train(
      Module model,
      FashionMnist.Images data,
      int epochs,
      double learningRate,
      int warmUp,
      long seed,
      String task,
      LongConsumer beforeStep) {
    model.train();
    DataLoader loader = new DataLoader(data.dataset(), BATCH, seed);
    SGD optimizer = new SGD(model.parameters(), learningRate, 0.9, 5e-4, false);
    LRScheduler schedule =
        new CosineAnnealingLR(optimizer, Math.max(1, epochs * loader.size() - warmUp));
    if (warmUp > 0) {
      schedule =
          new SequentialLR(
              optimizer, List.of(new LinearLR(optimizer, 0.1, warmUp), schedule), warmUp);
    }
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    long step = 0;
    for (int epoch = 1; epoch <= epochs; epoch++) {
      double lossSum = 0;
      int right = 0;
      int seen = 0;
      try (ProgressBar bar = bar(task + " " + epoch + "/" + epochs, data.size())) {
        for (Batch batch : loader) {
          beforeStep.accept(step++);
          optimizer.zeroGrad();
          try (Tape tape = Tape.record()) {
            FloatTensor scores = (FloatTensor) model.call(batch.input());
            FloatTensor loss = (FloatTensor) criterion.call(scores, batch.target());
            tape.backward(loss);
            lossSum += loss.item() * batch.size();
            right +=
                right(scores.toArray(), scores.size(1), ((LongTensor) batch.target()).toArray(), 0);
          }
          optimizer.step();
          schedule.step();
          seen += batch.size();
          bar.stepBy(batch.size());
          bar.setExtraMessage(
              String.format(" loss %.3f top-1 %.1f%%", lossSum / seen, 100.0 * right / seen));
          batch.close();
        }
      }
    }
    model.eval();
  }

  /** How many rows of {@code scores} are largest at their label; labels count from {@code from}. */
  private static int right(float[] scores, int classes, long[] labels, int from) {
    int right = 0;
    for (int i = 0; i < scores.length / classes; i++) {
      right += argmax(scores, i * classes, classes) == labels[from + i] ? 1 : 0;
    }
    return right;
  }

  private static ProgressBar bar(String task, long size) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(size)
        .setUnit(" img", 1)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .build();
  }

  /** Shows batches of the first {@code count} images to {@code visitor}, for calibration. */
  static void batches(FashionMnist.Images data, int count, Consumer<FloatTensor> visitor) {
    for (int from = 0; from < count; from += SCORE_BATCH) {
      try (TensorScope scope = TensorScope.open()) {
        visitor.accept(data.images().slice(0, from, Math.min(count, from + SCORE_BATCH)));
      }
    }
  }

  /** Share of the images whose largest output is that of their label. */
  static double top1(Program program, FashionMnist.Images data, int threads) {
    float[] scores = scores(program, data, threads);
    return right(scores, scores.length / data.size(), data.labels().toArray(), 0)
        / (double) data.size();
  }

  /** All outputs, image by image. */
  static float[] scores(Program program, FashionMnist.Images data, int threads) {
    try (Session session = program.newSession().threads(threads)) {
      return scores(batch -> (FloatTensor) session.run(batch), data);
    }
  }

  /** All outputs of a model that is run eagerly, image by image. */
  static float[] scores(Function<FloatTensor, FloatTensor> model, FashionMnist.Images data) {
    List<float[]> parts = new ArrayList<>();
    batches(data, data.size(), batch -> parts.add(model.apply(batch).toArray()));
    float[] all = new float[parts.stream().mapToInt(p -> p.length).sum()];
    int at = 0;
    for (float[] p : parts) {
      System.arraycopy(p, 0, all, at, p.length);
      at += p.length;
    }
    return all;
  }

  /** Share of the rows whose largest scores stand at different places. */
  static double differingLabels(float[] a, float[] b, int rows) {
    int classes = a.length / rows;
    int differ = 0;
    for (int i = 0; i < rows; i++) {
      differ += argmax(a, i * classes, classes) == argmax(b, i * classes, classes) ? 0 : 1;
    }
    return differ / (double) rows;
  }

  private static int argmax(float[] v, int from, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) {
      if (v[from + i] > v[from + best]) {
        best = i;
      }
    }
    return best;
  }

  /** Single images, [1, ...], as views. */
  static List<FloatTensor> singles(FashionMnist.Images data, int n) {
    return java.util.stream.IntStream.range(0, Math.min(n, data.size()))
        .mapToObj(i -> data.images().slice(0, i, i + 1))
        .toList();
  }
}
