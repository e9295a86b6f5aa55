package org.octet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.backend.NativeBackend;
import org.octet.graph.Tracer;
import org.octet.nn.Init;
import org.octet.nn.Module;
import org.octet.runtime.Program;
import org.octet.runtime.ProgramOptions;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * The demo's networks, trained for a moment and quantized in every way, give the same bits eagerly
 * and as a Program, on the Java twin and on every instruction set of this machine. {@code
 * -Doctet.parity.images=10000} compares all test images instead of the first 1,000.
 */
class DemoParityTest {
  private static final int IMAGES = Integer.getInteger("octet.parity.images", 1000);

  private static FashionMnist.Images train;
  private static FashionMnist.Images test;
  private static Module model;
  private static Map<String, Module> networks;

  @BeforeAll
  static void trainAndQuantize() {
    train = FashionMnist.train(512);
    test = FashionMnist.test(IMAGES);
    Init.seed(3);
    model = new DemoModel();
    Classification.train(model, train, 1, 0.05, 3);
    networks = DemoCommand.networks(model, train);
  }

  /** Every backend that runs here, the best native one first. */
  private static List<Backend> backends() {
    List<Backend> all = new ArrayList<>(NativeBackend.available());
    all.add(JavaBackend.instance());
    return all;
  }

  private static int[] eager(Backend backend, Module network) {
    return Backends.with(backend, () -> bits(batch -> network.forward(batch)));
  }

  private static int[] program(Backend backend, Module network) {
    FloatTensor example = FloatTensor.zeros(1, 1, DemoModel.SIZE, DemoModel.SIZE);
    try (Program p =
        Program.compile(
            Tracer.trace(network, example), ProgramOptions.defaults().withBackend(backend))) {
      return bits(batch -> p.run(batch));
    }
  }

  private interface Run {
    Tensor of(FloatTensor batch);
  }

  private static int[] bits(Run run) {
    List<Integer> out = new ArrayList<>();
    Classification.batches(
        test,
        test.size(),
        batch -> {
          for (float v : ((FloatTensor) run.of(batch)).toArray()) {
            out.add(Float.floatToRawIntBits(v));
          }
        });
    return out.stream().mapToInt(i -> i).toArray();
  }

  @TestFactory
  Stream<DynamicTest> everyBackendGivesTheSameBits() {
    Map<String, int[]> expected = new LinkedHashMap<>();
    networks.forEach((name, m) -> expected.put(name, eager(Backends.current(), m)));
    List<DynamicTest> tests = new ArrayList<>();
    for (Backend b : backends()) {
      networks.forEach(
          (name, m) -> {
            String where = b.name() + "/" + b.isa() + ", " + name + ", " + IMAGES + " images";
            tests.add(
                DynamicTest.dynamicTest(
                    where + ", eager",
                    () -> assertArrayEquals(expected.get(name), eager(b, m), where)));
            tests.add(
                DynamicTest.dynamicTest(
                    where + ", Program",
                    () -> assertArrayEquals(expected.get(name), program(b, m), where)));
          });
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> calibrationOnEveryBackendGivesTheSameParameters() {
    Map<String, Tensor> expected = networks.get("static int8 per channel").stateDict();
    return backends().stream()
        .map(
            b ->
                DynamicTest.dynamicTest(
                    b.name() + "/" + b.isa(),
                    () -> {
                      Map<String, Tensor> mine =
                          Backends.with(b, () -> DemoCommand.networks(model, train))
                              .get("static int8 per channel")
                              .stateDict();
                      assertEquals(expected.keySet(), mine.keySet());
                      expected.forEach((name, t) -> same(name, t, mine.get(name)));
                    }));
  }

  private static void same(String name, Tensor a, Tensor b) {
    assertEquals(a.spec(), b.spec(), name);
    if (a instanceof QuantizedTensor q) {
      assertTrue(q.equalCodes((QuantizedTensor) b), name);
    } else if (a instanceof FloatTensor f) {
      assertArrayEquals(f.toArray(), ((FloatTensor) b).toArray(), name);
    }
  }

  @Test
  void theQuantizedNetworksDiffer() {
    // Else the comparison above would compare one network with itself.
    assertTrue(
        !java.util.Arrays.equals(
            eager(Backends.current(), networks.get("static int8 per tensor")),
            eager(Backends.current(), networks.get("static int8 per channel"))));
  }
}
