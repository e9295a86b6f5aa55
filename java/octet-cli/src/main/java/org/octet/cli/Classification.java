package org.octet.cli;

import java.util.List;
import java.util.function.Consumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.octet.autograd.Tape;
import org.octet.data.Batch;
import org.octet.data.DataLoader;
import org.octet.nn.CrossEntropyLoss;
import org.octet.nn.Module;
import org.octet.optim.SGD;
import org.octet.runtime.Program;
import org.octet.runtime.Session;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.TensorScope;

/** Training and scoring of image classifiers, with a progress bar. */
final class Classification {
  private static final int BATCH = 64;
  private static final int SCORE_BATCH = 100;

  private Classification() {}

  /**
   * Trains with SGD (momentum 0.9, weight decay 5e-4), the learning rate falling from {@code learningRate} to zero along a
   * half cosine.
   */
  static void train(
      Module model, FashionMnist.Images data, int epochs, double learningRate, long seed) {
    model.train();
    DataLoader loader = new DataLoader(data.dataset(), BATCH, seed);
    SGD optimizer = new SGD(model.parameters(), learningRate, 0.9, 5e-4, false);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    long steps = (long) epochs * loader.size();
    long step = 0;
    for (int epoch = 1; epoch <= epochs; epoch++) {
      double lossSum = 0;
      int seen = 0;
      try (ProgressBar bar = bar("epoch " + epoch + "/" + epochs, data.size())) {
        for (Batch batch : loader) {
          optimizer.setLearningRate(learningRate * 0.5 * (1 + Math.cos(Math.PI * step++ / steps)));
          optimizer.zeroGrad();
          try (Tape tape = Tape.record()) {
            FloatTensor loss =
                (FloatTensor) criterion.call(model.call(batch.input()), batch.target());
            tape.backward(loss);
            lossSum += loss.item() * batch.size();
          }
          optimizer.step();
          seen += batch.size();
          bar.stepBy(batch.size());
          bar.setExtraMessage(String.format(" loss %.3f", lossSum / seen));
          batch.close();
        }
      }
    }
    model.eval();
  }

  private static ProgressBar bar(String task, long size) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(size)
        .setUnit(" images", 1)
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
    long[] labels = data.labels().toArray();
    int[] right = new int[1];
    int[] at = new int[1];
    try (Session session = program.newSession().threads(threads)) {
      batches(
          data,
          data.size(),
          batch -> {
            FloatTensor y = (FloatTensor) session.run(batch);
            float[] scores = y.toArray();
            int classes = y.size(1);
            for (int i = 0; i < y.size(0); i++) {
              right[0] += argmax(scores, i * classes, classes) == labels[at[0]++] ? 1 : 0;
            }
          });
    }
    return right[0] / (double) data.size();
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
