package org.octet.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.CrossEntropyLoss;
import org.octet.nn.Dropout;
import org.octet.nn.Flatten;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.MaxPool2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.BinaryOp;
import org.octet.ops.SumOp;
import org.octet.optim.Optimizer;
import org.octet.optim.SGD;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

class TapeTest {
  private static final CrossEntropyLoss CRITERION = new CrossEntropyLoss();

  private static Module net() {
    return new Sequential(
        new Conv2d(1, 8, 3, 1, 1),
        new BatchNorm2d(8),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(8, 8, 3, 1, 1, 1, 8, false),
        new BatchNorm2d(8),
        new ReLU(),
        new Conv2d(8, 12, 1),
        new AdaptiveAvgPool2d(1),
        new Flatten(),
        new Dropout(0.1),
        new Linear(12, 2));
  }

  /** Squares and crosses of random place and brightness. */
  private static float example(Random random, float[] image, int at, int size) {
    int label = random.nextInt(2);
    int cy = 3 + random.nextInt(size - 6);
    int cx = 3 + random.nextInt(size - 6);
    float light = 0.5f + random.nextFloat();
    for (int d = -3; d <= 3; d++) {
      for (int e = -3; e <= 3; e++) {
        boolean on = label == 0 ? Math.abs(d) == 3 || Math.abs(e) == 3 : d == e || d == -e;
        if (on && cy + d < size && cx + e < size) {
          image[at + (cy + d) * size + cx + e] = light;
        }
      }
    }
    return label;
  }

  private static double step(Module net, Optimizer optimizer, Random random) {
    int n = 32;
    int size = 12;
    float[] images = new float[n * size * size];
    long[] labels = new long[n];
    for (int i = 0; i < n; i++) {
      labels[i] = (long) example(random, images, i * size * size, size);
    }
    optimizer.zeroGrad();
    double loss;
    try (FloatTensor x = FloatTensor.of(images, n, 1, size, size);
        LongTensor y = LongTensor.of(labels, n)) {
      try (Tape tape = Tape.record()) {
        Tensor l = CRITERION.call(net.call(x), y);
        loss = ((FloatTensor) l).item();
        tape.backward(l);
      }
    }
    optimizer.step();
    return loss;
  }

  @Test
  void aSmallNetLearns() {
    Init.seed(3);
    Module net = net();
    Optimizer optimizer = new SGD(net.parameters(), 0.1, 0.9);
    Random random = new Random(1);
    double first = step(net, optimizer, random);
    double last = 0;
    for (int i = 1; i < 120; i++) {
      last = step(net, optimizer, random);
    }
    assertTrue(first > 0.5, "loss at the start: " + first);
    assertTrue(last < 0.2, "loss at the end: " + last);
    // What was learned holds in evaluation mode, on the fixed-order kernels and the running
    // statistics.
    net.eval();
    float[] images = new float[100 * 144];
    int[] labels = new int[100];
    for (int i = 0; i < 100; i++) {
      labels[i] = (int) example(random, images, i * 144, 12);
    }
    float[] y = ((FloatTensor) net.call(FloatTensor.of(images, 100, 1, 12, 12))).toArray();
    int right = 0;
    for (int i = 0; i < 100; i++) {
      right += (y[2 * i] > y[2 * i + 1] ? 0 : 1) == labels[i] ? 1 : 0;
    }
    assertTrue(right >= 90, right + " of 100 right");
  }

  @Test
  void memoryStaysFlat() {
    Init.seed(4);
    Module net = net();
    Optimizer optimizer = new SGD(net.parameters(), 0.01, 0.9);
    Random random = new Random(2);
    for (int i = 0; i < 5; i++) {
      step(net, optimizer, random);
    }
    // Gradients live on between the steps, everything else is closed, not left to the collector.
    long before = Storage.allocatedBytes();
    long most = before;
    for (int i = 0; i < 100; i++) {
      step(net, optimizer, random);
      most = Math.max(most, Storage.allocatedBytes());
    }
    assertTrue(most <= before + 4096, before + " bytes before, at most " + most + " between steps");
  }

  @Test
  void sameSeedSameWeights() {
    float[][] weights = new float[2][];
    for (int run = 0; run < 2; run++) {
      Init.seed(5);
      Module net = net();
      Optimizer optimizer = new SGD(net.parameters(), 0.1, 0.9);
      Random random = new Random(3);
      for (int i = 0; i < 5; i++) {
        step(net, optimizer, random);
      }
      weights[run] = net.parameters().get(0).toArray();
    }
    assertArrayEquals(weights[0], weights[1]);
  }

  @Test
  void gradientsAccumulateOverTapesAndUses() {
    FloatTensor x = FloatTensor.of(new float[] {1, 2, 3}, 3).requiresGrad(true);
    for (int i = 0; i < 2; i++) {
      try (Tape tape = Tape.record()) {
        Tensor square = BinaryOp.MUL.apply(x, x);
        tape.backward(SumOp.SUM.apply(BinaryOp.ADD.apply(square, x)));
      }
    }
    assertArrayEquals(new float[] {6, 10, 14}, x.grad().toArray());
  }

  @Test
  void gradientsOutliveEveryScope() {
    FloatTensor x = FloatTensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    try (TensorScope scope = TensorScope.open();
        Tape tape = Tape.record()) {
      tape.backward(SumOp.SUM.apply(x));
    }
    assertArrayEquals(new float[] {1, 1}, x.grad().toArray());
  }

  @Test
  void aTapeClosesWhatItMadeButForKeptTensors() {
    FloatTensor x = FloatTensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    Tensor kept;
    Tensor lost;
    try (Tape tape = Tape.record()) {
      lost = BinaryOp.ADD.apply(x, x);
      kept = tape.keep(BinaryOp.MUL.apply(x, x));
    }
    assertTrue(lost.isClosed());
    assertArrayEquals(new float[] {1, 4}, ((FloatTensor) kept).toArray());
  }

  @Test
  void noGradSuspendsRecording() {
    FloatTensor x = FloatTensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    try (Tape tape = Tape.record()) {
      Tensor y;
      try (NoGrad off = NoGrad.enter()) {
        y = BinaryOp.ADD.apply(x, x);
      }
      Tensor loss = SumOp.SUM.apply(y);
      OctetException e = assertThrows(OctetException.class, () -> tape.backward(loss));
      assertTrue(e.getMessage().contains("does not depend"), e.getMessage());
    }
    assertNull(x.grad());
  }

  @Test
  void misuseIsNamed() {
    FloatTensor x = FloatTensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    try (Tape tape = Tape.record()) {
      Tensor y = BinaryOp.ADD.apply(x, x);
      ShapeException e = assertThrows(ShapeException.class, () -> tape.backward(y));
      assertTrue(e.getMessage().contains("[2]"), e.getMessage());
      Tensor loss = SumOp.SUM.apply(y);
      tape.backward(loss);
      assertNotNull(x.grad());
      OctetException again = assertThrows(OctetException.class, () -> tape.backward(loss));
      assertTrue(again.getMessage().contains("was called before"), again.getMessage());
    }
    assertEquals(2f, x.grad().get(0));
  }
}
