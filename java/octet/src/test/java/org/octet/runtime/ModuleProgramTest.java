package org.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.octet.runtime.ProgramTest.bits;
import static org.octet.runtime.ProgramTest.on;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.AvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Dropout;
import org.octet.nn.Flatten;
import org.octet.nn.Hardswish;
import org.octet.nn.Identity;
import org.octet.nn.Linear;
import org.octet.nn.MaxPool2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.ReLU6;
import org.octet.nn.Sequential;
import org.octet.nn.Sigmoid;
import org.octet.nn.Tanh;
import org.octet.ops.ObserveOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/** Models of modules, as users write them, against their eager selves. */
class ModuleProgramTest {
  static List<Backend> backends() {
    return TestBackends.all();
  }

  private static Module image() {
    Module m =
        new Sequential(
            new Conv2d(3, 6, 3, 2, 1),
            new BatchNorm2d(6),
            new ReLU(),
            new Conv2d(6, 6, 3, 1, 1, 1, 6, false),
            new Hardswish(),
            new MaxPool2d(2),
            new Dropout(0.5),
            new Conv2d(6, 10, 1),
            new ReLU6(),
            new AvgPool2d(2),
            new Sigmoid(),
            new AdaptiveAvgPool2d(1),
            new Identity(),
            new Flatten(),
            new Linear(10, 4),
            new Tanh());
    // Statistics that a trained network could have.
    Module bn = m.module("1");
    ((FloatTensor) bn.directBuffers().get("running_mean")).copyFrom(Nets.random(70, 6));
    float[] var = {0.5f, 1f, 2f, 0.25f, 3f, 1.5f};
    ((FloatTensor) bn.directBuffers().get("running_var")).copyFrom(var);
    return m;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everyFloatModuleOfAnImageNetwork(Backend b) {
    Module m = image().eval();
    Graph g = Tracer.trace(m, FloatTensor.zeros(1, 3, 17, 18));
    try (Program p = Program.compile(g, on(b))) {
      for (int n : new int[] {1, 3}) {
        FloatTensor x = Nets.random(n, n, 3, 17, 18);
        assertArrayEquals(
            bits(Backends.with(JavaBackend.instance(), () -> m.forward(x))),
            bits(p.run(x)),
            p::describe);
      }
      // Other sizes of images fit as well, since the network ends in adaptive pooling.
      FloatTensor x = Nets.random(5, 2, 3, 24, 20);
      assertArrayEquals(
          bits(Backends.with(JavaBackend.instance(), () -> m.forward(x))), bits(p.run(x)));
      assertEquals(3, p.plansBuilt());
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void oneDimension(Backend b) {
    Module m =
        new Sequential(
                new Conv1d(4, 8, 3, 1, 1),
                new ReLU(),
                new Conv1d(8, 2, 5),
                new Flatten(),
                new Linear(12, 3))
            .eval();
    try (Program p = Program.compile(Tracer.trace(m, FloatTensor.zeros(1, 4, 10)), on(b))) {
      FloatTensor x = Nets.random(3, 2, 4, 10);
      assertArrayEquals(
          bits(Backends.with(JavaBackend.instance(), () -> m.forward(x))), bits(p.run(x)));
    }
  }

  @Test
  void laterChangesOfTheModelDoNotReachTheProgram() {
    Linear m = new Linear(3, 2);
    FloatTensor x = Nets.random(3, 2, 3);
    try (Program p = Program.compile(Tracer.trace(m, x))) {
      int[] want = bits(p.run(x));
      m.weight().fill(0f);
      assertArrayEquals(want, bits(p.run(x)));
      FloatTensor three = Nets.random(3, 3, 3);
      float[] y = ((FloatTensor) p.run(three)).toArray();
      assertTrue(y[0] != y[2] || y[1] != y[3], "a new batch size uses the packed weights");
    }
  }

  @Test
  void aModelInTrainingModeIsRefusedByName() {
    OctetException e =
        assertThrows(
            OctetException.class,
            () -> Program.compile(Tracer.trace(image().train(), FloatTensor.zeros(2, 3, 17, 18))));
    assertEquals("1", e.modulePath());
    assertTrue(e.getMessage().contains("eval()"), e.getMessage());
  }

  /** What prepare attaches to an observed module. */
  private static final class Observer extends Module {
    @Override
    public Tensor forward(Tensor... in) {
      return new ObserveOp(x -> {}).apply(in);
    }
  }

  @Test
  void aPreparedModelIsRefusedByTheObservedModulesName() {
    Module m =
        new Sequential(new Linear(3, 3), new Sequential(new ReLU(), new Linear(3, 2))).eval();
    m.module("1.1").setChild(Module.ACTIVATION_POST_PROCESS, new Observer());
    Graph g = Tracer.trace(m, FloatTensor.zeros(1, 3));
    OctetException e = assertThrows(OctetException.class, () -> Program.compile(g));
    assertEquals("1.1", e.modulePath());
    assertTrue(e.getMessage().contains("convert"), e.getMessage());
  }
}
