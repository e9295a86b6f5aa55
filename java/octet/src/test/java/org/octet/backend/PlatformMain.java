package org.octet.backend;

import java.util.Arrays;
import java.util.Random;
import org.octet.autograd.Tape;
import org.octet.graph.Tracer;
import org.octet.nn.AvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.CrossEntropyLoss;
import org.octet.nn.Embedding;
import org.octet.nn.Flatten;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.MaxPool2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.ReLU6;
import org.octet.nn.Sequential;
import org.octet.ops.UnaryOp;
import org.octet.optim.SGD;
import org.octet.quantization.Engine;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QuantWrapper;
import org.octet.quantization.Quantization;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

/** See {@link PlatformTest}: which calls are taken, and hashes of what must not depend on it. */
final class PlatformMain {
  private PlatformMain() {}

  public static void main(String[] args) {
    System.out.printf(
        "bulk %s, logger %s, fma %s%n", Platform.BULK, Platform.LOGGER, Platform.FAST_FMA);
    Init.seed(3);
    Random random = new Random(4);
    try (TensorScope scope = TensorScope.open()) {
      print("embedding", new Embedding(5, 7).weight());
      FloatTensor x = images(random);
      for (UnaryOp op : new UnaryOp[] {UnaryOp.SIGMOID, UnaryOp.TANH, UnaryOp.GELU}) {
        print(op.name(), op.apply(x));
      }
      Module net = trained(net().train(), random);
      print("float", net.eval().forward(x));
      Module fused = Fusion.fuseQat(new QuantWrapper(net).train());
      Module prepared = Quantization.prepareQat(fused, QConfigMapping.qat(Engine.X86));
      Module quantized = Quantization.convert(trained(prepared, random).eval());
      print("quantized", quantized.forward(x));
      try (Program program = Program.compile(Tracer.trace(quantized, x))) {
        print("deployed", program.run(x));
      }
    }
  }

  /** Layers that take every loop of the training ops. */
  private static Sequential net() {
    return new Sequential(
        new Conv2d(3, 6, 3, 1, 1),
        new BatchNorm2d(6),
        new ReLU(),
        new Conv2d(6, 6, 3, 1, 1, 1, 6, true),
        new ReLU6(),
        new Conv2d(6, 10, 1),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(10, 4, 3, 2, 1),
        new AvgPool2d(2),
        new Flatten(),
        new Linear(16, 5));
  }

  private static Module trained(Module net, Random random) {
    SGD optimizer = new SGD(net.parameters(), 0.05, 0.9);
    for (int step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      try (Tape tape = Tape.record()) {
        LongTensor labels = LongTensor.of(new long[] {step, 1, 4}, 3);
        tape.backward(new CrossEntropyLoss().call(net.call(images(random)), labels));
      }
      optimizer.step();
    }
    net.stateDict()
        .forEach(
            (name, t) -> {
              if (t instanceof FloatTensor f) {
                print("trained " + name, f);
              }
            });
    return net;
  }

  private static FloatTensor images(Random random) {
    float[] v = new float[3 * 3 * 16 * 16];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) random.nextGaussian();
    }
    return FloatTensor.of(v, 3, 3, 16, 16);
  }

  private static void print(String name, Tensor t) {
    System.out.printf("%s %08x%n", name, Arrays.hashCode(((FloatTensor) t).toArray()));
  }
}
