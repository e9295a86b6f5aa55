package org.octet.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.octet.backend.Backends;
import org.octet.graph.Tracer;
import org.octet.nn.Init;
import org.octet.nn.Module;
import org.octet.optim.Checkpoint;
import org.octet.optim.SGD;
import org.octet.quantization.Quantization;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * The demo's network on two machines: the first trains it for a moment and saves it ({@code train
 * FOLDER}); each then loads it, quantizes it in every way and prints hashes ({@code hash FOLDER})
 * of what calibration found, and of the outputs, eager and as a Program. The first line names the
 * backend; the rest must not depend on it. Few images, since one machine is emulated.
 */
final class DemoBitsMain {
  private static final int TRAIN_IMAGES = 2000;
  private static final int EPOCHS = 5;
  private static final int IMAGES = 64;
  private static final long SEED = 3;

  private DemoBitsMain() {}

  public static void main(String[] args) {
    Path trained = Path.of(args[1], "demo-float.bin");
    Path trainedQat = Path.of(args[1], "demo-qat.bin");
    Init.seed(SEED);
    Module model = new DemoModel();
    if (args[0].equals("train")) {
      FashionMnist.Images images = FashionMnist.train(TRAIN_IMAGES);
      Classification.train(model, images, EPOCHS, 0.08, SEED);
      double top1 = top1(model, FashionMnist.test(500));
      if (top1 < 0.5) {
        throw new IllegalStateException(
            "The network learnt too little to compare anything: top-1 " + top1 + ".");
      }
      save(model, trained);
      Module qat = DemoCommand.prepareQat(model);
      Classification.trainQat(qat, images, 1, 0.02, SEED, "QAT epoch");
      save(qat, trainedQat);
      return;
    }
    System.out.println("backend " + Backends.current());
    FashionMnist.Images test = FashionMnist.test(IMAGES);
    model.loadStateDict(Checkpoint.load(trained).model());
    Module qat = DemoCommand.prepareQat(model);
    qat.loadStateDict(Checkpoint.load(trainedQat).model());
    Map<String, Module> networks =
        DemoCommand.networks(model.eval(), FashionMnist.train(TRAIN_IMAGES).first(IMAGES));
    networks.put("QAT int8 per channel", Quantization.convert(qat.eval()));
    networks.forEach((name, network) -> hash(name, network, test));
  }

  private static double top1(Module network, FashionMnist.Images images) {
    try (Program program = compile(network)) {
      return Classification.top1(program, images, 1);
    }
  }

  private static Program compile(Module network) {
    return Program.compile(
        Tracer.trace(network, FloatTensor.zeros(1, 1, DemoModel.SIZE, DemoModel.SIZE)));
  }

  private static void save(Module model, Path file) {
    Checkpoint.of(model.stateDict(), new SGD(model.parameters(), 1), null, 1, SEED).save(file);
  }

  private static void hash(String name, Module network, FashionMnist.Images test) {
    new TreeMap<>(network.stateDict())
        .forEach((key, t) -> System.out.printf("%s, %s %08x%n", name, key, hash(t)));
    float[] eager = Classification.scores(batch -> (FloatTensor) network.forward(batch), test);
    System.out.printf("%s, eager %08x%n", name, hash(eager));
    System.out.printf("%s, top-1 %s%n", name, top1(network, test));
    try (Program program = compile(network)) {
      for (int threads = 1; threads <= 2; threads++) {
        System.out.printf(
            "%s, Program, %d threads %08x%n",
            name, threads, hash(Classification.scores(program, test, threads)));
      }
    }
  }

  private static int hash(Tensor t) {
    if (t instanceof QuantizedTensor q) {
      int[] parameters = {
        Arrays.hashCode(q.intRepr()),
        hash(q.qparams().scales()),
        Arrays.hashCode(q.qparams().zeroPoints())
      };
      return Arrays.hashCode(parameters);
    }
    return t instanceof LongTensor i
        ? Arrays.hashCode(i.toArray())
        : hash(((FloatTensor) t).toArray());
  }

  private static int hash(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToIntBits(values[i]); // any NaN is one NaN
    }
    return Arrays.hashCode(bits);
  }
}
