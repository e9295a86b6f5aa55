package org.octet.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.octet.autograd.Tape;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.CrossEntropyLoss;
import org.octet.nn.Flatten;
import org.octet.nn.Linear;
import org.octet.nn.MaxPool2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.optim.SGD;
import org.octet.quantization.Engine;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QuantWrapper;
import org.octet.quantization.Quantization;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;

/**
 * Runs many forwards or training steps and prints, ten times on the way, the bytes of tensors and
 * of the process.
 */
final class FlatMemoryMain {
  private static final int BATCH = 4;
  private static final Random RANDOM = new Random(1);

  private FlatMemoryMain() {}

  public static void main(String[] args) throws IOException {
    int steps = Integer.parseInt(args[1]);
    if (args[0].equals("forward")) {
      forwards(steps);
    } else {
      training(steps);
    }
  }

  private static Module net() {
    return new Sequential(
        new Conv2d(1, 8, 3, 1, 1),
        new BatchNorm2d(8),
        new ReLU(),
        new MaxPool2d(2),
        new Flatten(),
        new Linear(8 * 36, 10));
  }

  private static FloatTensor images() {
    float[] v = new float[BATCH * 144];
    for (int i = 0; i < v.length; i++) {
      v[i] = RANDOM.nextFloat();
    }
    return FloatTensor.of(v, BATCH, 1, 12, 12);
  }

  /** Float and int8 in turn; nobody closes a result. */
  private static void forwards(int steps) throws IOException {
    FloatTensor x = images();
    Module model = Fusion.fuse(new QuantWrapper(net()).eval());
    Module prepared = Quantization.prepare(model, QConfigMapping.forEngine(Engine.X86));
    prepared.forward(x);
    Module quantized = Quantization.convert(prepared);
    float[] first = null;
    for (int i = 1; i <= steps; i++) {
      Tensor y = (i % 2 == 0 ? model : quantized).forward(x);
      if (i % (steps / 10) == 0) {
        sample(i);
        float[] values = ((FloatTensor) y).toArray();
        if (first != null && !java.util.Arrays.equals(first, values)) {
          throw new IllegalStateException("forward " + i + " gives other values than the first");
        }
        first = values;
      }
    }
  }

  private static void training(int steps) throws IOException {
    Module model = net().train();
    SGD optimizer = new SGD(model.parameters(), 0.01, 0.9);
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    for (int i = 1; i <= steps; i++) {
      FloatTensor x = images();
      LongTensor labels = LongTensor.of(new long[] {i % 10, 1, 2, 3}, BATCH);
      optimizer.zeroGrad();
      try (Tape tape = Tape.record()) {
        Tensor loss = criterion.forward(model.forward(x), labels);
        tape.backward(loss);
      }
      optimizer.step();
      x.close();
      labels.close();
      if (i % (steps / 10) == 0) {
        sample(i);
      }
    }
  }

  private static void sample(int step) throws IOException {
    System.out.println(
        "step " + step + " tensors " + Storage.allocatedBytes() + " rss " + residentBytes());
  }

  /** -1 where there is no /proc. */
  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return -1;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    return -1;
  }
}
