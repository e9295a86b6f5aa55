package org.octet.golden;

import com.example.models.ResidualNet;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.octet.backend.Backends;
import org.octet.graph.Tracer;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Flatten;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.MaxPool2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.ReLU6;
import org.octet.nn.Sequential;
import org.octet.quantization.Engine;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QuantWrapper;
import org.octet.quantization.Quantization;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;
import org.opentest4j.TestAbortedException;

/**
 * Checks the golden linear layers and convolutions on the current backend and prints a hash of each
 * output, and of whole networks, so that two machines can be compared line by line. Needs no test
 * runner: it is also run on an emulated CPU, where one would take minutes. The first line names the
 * backend; the rest must not depend on it.
 */
final class BitsMain {
  private static int failed;

  private BitsMain() {}

  public static void main(String[] args) {
    System.out.println("backend " + Backends.current());
    LinearConvGoldenTest golden = new LinearConvGoldenTest();
    check("linear", golden.linear());
    check("conv", golden.conv());
    check("linear_dynamic", golden.linearDynamic());
    hash("linear", LinearConvGoldenTest::linear);
    hash("conv", LinearConvGoldenTest::conv);
    for (Engine engine : Engine.values()) {
      network(
          "residual " + engine,
          engine,
          new ResidualNet(),
          new int[][] {{3, 3, 8, 8}, {3, 2, 8, 8}});
      network("mobile " + engine, engine, mobile(), new int[][] {{2, 3, 33, 31}});
    }
    if (failed > 0) {
      System.exit(1);
    }
  }

  private static void check(String group, Stream<DynamicTest> tests) {
    int passed = 0;
    int skipped = 0;
    for (DynamicTest test : tests.toList()) {
      try {
        test.getExecutable().execute();
        passed++;
      } catch (TestAbortedException e) {
        skipped++;
      } catch (Throwable e) {
        failed++;
        System.out.println("FAILED " + group + " " + test.getDisplayName() + ": " + e);
      }
    }
    System.out.println("golden " + group + ": " + passed + " passed, " + skipped + " skipped");
    if (passed == 0) {
      failed++;
      System.out.println("FAILED " + group + " checked nothing");
    }
  }

  private static void hash(String group, Function<GoldenCase, Tensor> run) {
    for (GoldenCase c : Golden.cases(group)) {
      if (Later.reason(c) == null) {
        try (TensorScope scope = TensorScope.open()) {
          print(group + " " + c.id(), run.apply(c));
        }
      }
    }
  }

  /**
   * A stem and two inverted bottlenecks: strides, depthwise filters of 3 and 5, channels of no
   * round number.
   */
  private static Module mobile() {
    return new QuantWrapper(
        new Sequential(
            new Conv2d(3, 16, 3, 2, 1),
            new BatchNorm2d(16),
            new ReLU(),
            new Conv2d(16, 44, 1),
            new BatchNorm2d(44),
            new ReLU6(),
            new Conv2d(44, 44, 3, 1, 1, 1, 44, false),
            new BatchNorm2d(44),
            new ReLU(),
            new Conv2d(44, 24, 1),
            new BatchNorm2d(24),
            new Conv2d(24, 70, 1),
            new ReLU(),
            new Conv2d(70, 70, 5, 2, 2, 1, 70, true),
            new ReLU(),
            new Conv2d(70, 36, 3, 1, 1),
            new MaxPool2d(2),
            new AdaptiveAvgPool2d(1),
            new Flatten(),
            new Linear(36, 10)));
  }

  /** Float, quantized, and quantized as a Program. */
  private static void network(String name, Engine engine, Module model, int[][] dims) {
    try (TensorScope scope = TensorScope.open()) {
      Random random = new Random(5);
      Init.seed(7);
      model
          .stateDict()
          .forEach(
              (key, t) -> {
                if (t instanceof FloatTensor f) {
                  fill(f, key.endsWith("var") ? 0.5f : -0.3f, random);
                }
              });
      Module fused = Fusion.fuse(model.eval());
      Module prepared = Quantization.prepare(fused, QConfigMapping.forEngine(engine));
      for (int i = 0; i < 2; i++) {
        prepared.forward(inputs(dims, random));
      }
      Module quantized = Quantization.convert(prepared);
      Tensor[] x = inputs(dims, random);
      print(name + " float", fused.forward(x));
      print(name + " quantized", quantized.forward(x));
      try (Program program = Program.compile(Tracer.trace(quantized, x))) {
        print(name + " program", program.run(x)[0]);
      }
    }
  }

  private static Tensor[] inputs(int[][] dims, Random random) {
    Tensor[] in = new Tensor[dims.length];
    for (int i = 0; i < in.length; i++) {
      FloatTensor t = FloatTensor.zeros(dims[i]);
      fill(t, -0.5f, random);
      in[i] = t;
    }
    return in;
  }

  /** Uniform in [low, low + 1). */
  private static void fill(FloatTensor t, float low, Random random) {
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = low + random.nextFloat();
    }
    t.copyFrom(v);
  }

  private static void print(String name, Tensor y) {
    int[] bits;
    if (y instanceof QuantizedTensor q) {
      bits = q.intRepr();
    } else {
      float[] values = ((FloatTensor) y).toArray();
      bits = new int[values.length];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = Float.floatToIntBits(values[i]); // any NaN is one NaN
      }
    }
    System.out.printf(
        "%s %s %08x%n", name, Arrays.toString(y.shape().dims()), Arrays.hashCode(bits));
  }
}
