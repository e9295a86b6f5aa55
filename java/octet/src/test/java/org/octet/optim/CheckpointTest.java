package org.octet.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.octet.autograd.Tape;
import org.octet.data.Batch;
import org.octet.data.DataLoader;
import org.octet.data.TensorDataset;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.CrossEntropyLoss;
import org.octet.nn.Dropout;
import org.octet.nn.Flatten;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

class CheckpointTest {
  private static final int EPOCHS = 4;
  private static final long SEED = 7;

  @TempDir Path folder;

  private static Module model() {
    Init.seed(3);
    return new Sequential(
        new Conv2d(1, 4, 3),
        new BatchNorm2d(4),
        new ReLU(),
        new Flatten(),
        new Dropout(0.2),
        new Linear(4 * 16, 3));
  }

  private static TensorDataset data() {
    SplittableRandom r = new SplittableRandom(5);
    float[] x = new float[50 * 36];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) r.nextDouble(-1, 1);
    }
    long[] y = r.longs(50, 0, 3).toArray();
    return new TensorDataset(FloatTensor.of(x, 50, 1, 6, 6), LongTensor.of(y, 50));
  }

  private static Optimizer optimizer(String name, Module m) {
    return name.equals("Adam")
        ? new Adam(m.parameters(), 0.01)
        : new SGD(m.parameters(), 0.1, 0.9, 1e-4, true);
  }

  private static LRScheduler schedule(Optimizer o) {
    return new SequentialLR(o, List.of(new LinearLR(o, 0.1, 2), new CosineAnnealingLR(o, 4)), 2);
  }

  private static void train(
      Module m, Optimizer o, LRScheduler s, DataLoader loader, int from, int to) {
    m.train();
    CrossEntropyLoss criterion = new CrossEntropyLoss();
    for (int epoch = from; epoch < to; epoch++) {
      Init.seed(SEED + epoch);
      for (Batch b : loader) {
        o.zeroGrad();
        try (Tape tape = Tape.record()) {
          tape.backward(criterion.call(m.call(b.input()), b.target()));
        }
        o.step();
      }
      s.step();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SGD", "Adam"})
  void resumedRunGivesTheSameBits(String name) {
    Module whole = model();
    Optimizer o = optimizer(name, whole);
    LRScheduler s = schedule(o);
    train(whole, o, s, new DataLoader(data(), 16, SEED), 0, EPOCHS);

    Path file = folder.resolve("run.ckpt");
    Module first = model();
    Optimizer o1 = optimizer(name, first);
    LRScheduler s1 = schedule(o1);
    train(first, o1, s1, new DataLoader(data(), 16, SEED), 0, 2);
    Checkpoint.of(first.stateDict(), o1, s1, 2, SEED).save(file);

    Checkpoint c = Checkpoint.load(file);
    Init.seed(99);
    Module second =
        new Sequential(
            new Conv2d(1, 4, 3),
            new BatchNorm2d(4),
            new ReLU(),
            new Flatten(),
            new Dropout(0.2),
            new Linear(4 * 16, 3));
    second.loadStateDict(c.model());
    Optimizer o2 = optimizer(name, second);
    LRScheduler s2 = schedule(o2);
    c.restore(o2, s2);
    DataLoader loader = new DataLoader(data(), 16, c.seed());
    loader.skipEpochs(c.epoch());
    train(second, o2, s2, loader, c.epoch(), EPOCHS);

    assertEquals(o.learningRate(), o2.learningRate());
    Map<String, Tensor> expected = whole.stateDict();
    second
        .stateDict()
        .forEach(
            (key, t) ->
                assertArrayEquals(
                    bits((FloatTensor) expected.get(key)), bits((FloatTensor) t), key));
  }

  private static int[] bits(FloatTensor t) {
    float[] v = t.toArray();
    int[] out = new int[v.length];
    for (int i = 0; i < v.length; i++) {
      out[i] = Float.floatToRawIntBits(v[i]);
    }
    return out;
  }

  @Test
  void everyKindOfTensorComesBack() {
    QuantizedTensor perChannel =
        QuantizedTensor.ofCodes(
            new int[] {1, -2, 3, 127},
            QParams.perChannel(new float[] {0.5f, 0.25f}, new int[] {0, 3}, 0, DType.QINT8),
            2,
            2);
    QuantizedTensor perTensor =
        QuantizedTensor.ofCodes(new int[] {0, 255}, QParams.perTensor(0.1, 7, DType.QUINT8), 2);
    Map<String, Tensor> model =
        Map.of(
            "c",
            perChannel,
            "t",
            perTensor,
            "l",
            LongTensor.of(new long[] {Long.MIN_VALUE, 5}, 2),
            "s",
            FloatTensor.scalar(Float.NaN),
            "e",
            FloatTensor.zeros(0));
    Optimizer o = new SGD(List.of(FloatTensor.zeros(2)), 0.5);
    Path file = folder.resolve("all.ckpt");
    Checkpoint.of(model, o, null, 3, -9).save(file);
    Checkpoint c = Checkpoint.load(file);
    assertEquals(3, c.epoch());
    assertEquals(-9, c.seed());
    assertEquals(0.5, c.optimizer().learningRate());
    assertTrue(perChannel.equalCodes((QuantizedTensor) c.model().get("c")));
    assertEquals(perChannel.qparams(), c.model().get("c").qparams());
    assertEquals(perTensor.qparams(), c.model().get("t").qparams());
    assertArrayEquals(new long[] {Long.MIN_VALUE, 5}, ((LongTensor) c.model().get("l")).toArray());
    assertTrue(Float.isNaN(((FloatTensor) c.model().get("s")).item()));
    assertEquals(0, c.model().get("e").numel());
  }

  @Test
  void damagedAndForeignFilesAreRefused() throws IOException {
    Path file = folder.resolve("x.ckpt");
    Module m = model();
    Checkpoint.of(m.stateDict(), new SGD(m.parameters(), 0.1), null, 1, 1).save(file);
    byte[] good = Files.readAllBytes(file);
    refused(file, bytes -> java.util.Arrays.copyOf(bytes, bytes.length - 1), good, "truncated");
    for (int n : new int[] {0, 5, 8, 20, good.length / 2}) {
      refused(file, bytes -> java.util.Arrays.copyOf(bytes, n), good, "truncated");
    }
    refused(
        file, bytes -> java.util.Arrays.copyOf(bytes, bytes.length + 3), good, "behind its end");
    refused(file, bytes -> flip(bytes, 60), good, "damaged");
    refused(file, bytes -> flip(bytes, 0), good, "not a checkpoint");
    refused(file, bytes -> flip(bytes, 11), good, "version");
    assertThrows(CheckpointException.class, () -> Checkpoint.load(folder.resolve("none")));
    assertThrows(
        CheckpointException.class,
        () ->
            Checkpoint.of(Map.of(), new SGD(m.parameters(), 0.1), null, 1, 1)
                .save(folder.resolve("no/such/x")));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList(), "no parts are left behind");
    }
  }

  private static byte[] flip(byte[] bytes, int at) {
    byte[] b = bytes.clone();
    b[at] ^= 4;
    return b;
  }

  private static void refused(Path file, Function<byte[], byte[]> damage, byte[] good, String says)
      throws IOException {
    Files.write(file, damage.apply(good));
    CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.load(file));
    assertTrue(e.getMessage().contains(says), e.getMessage());
  }

  @Test
  void stateOfAnotherOptimizerIsRefused() {
    FloatTensor p = FloatTensor.zeros(2).requiresGrad(true);
    p.setGrad(FloatTensor.full(1f, 2));
    Adam adam = new Adam(List.of(p), 0.1);
    adam.step();
    assertThrows(OctetException.class, () -> new SGD(List.of(p), 0.1).loadState(adam.state()));
    assertThrows(
        OctetException.class,
        () -> new Adam(List.of(FloatTensor.zeros(3)), 0.1).loadState(adam.state()));
  }
}
