package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.octet.autograd.Tape;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.backend.NativeBackend;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.natives.NativeLibrary;
import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv3d;
import org.octet.nn.Flatten;
import org.octet.nn.Init;
import org.octet.nn.Linear;
import org.octet.nn.MSELoss;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.ConvGeometry;
import org.octet.optim.SGD;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Networks of 3-D images through the three workflows. */
class VolumeTest {
  private static Module net() {
    Init.seed(21);
    return new Sequential(
        new QuantStub(),
        new Conv3d(2, 6, 3, 1, 1),
        new BatchNorm3d(6),
        new ReLU(),
        new Conv3d(6, 6, ConvGeometry.cube(3, 2, 1, 1, 6), false),
        new BatchNorm3d(6),
        new Conv3d(6, 5, 1),
        new ReLU(),
        new Flatten(),
        new Linear(5 * 2 * 3 * 3, 4),
        new DeQuantStub());
  }

  private static FloatTensor volumes(long seed, int n) {
    Random r = new Random(seed);
    float[] v = new float[n * 2 * 4 * 5 * 6];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextGaussian();
    }
    return FloatTensor.of(v, n, 2, 4, 5, 6);
  }

  private static float[] floats(Tensor t) {
    return ((FloatTensor) t).toArray();
  }

  private static double distance(float[] a, float[] b) {
    double d = 0;
    double size = 0;
    for (int i = 0; i < a.length; i++) {
      d += (a[i] - b[i]) * (double) (a[i] - b[i]);
      size += a[i] * (double) a[i];
    }
    return Math.sqrt(d / size);
  }

  private static List<String> types(Module m) {
    List<String> types = new ArrayList<>();
    m.namedChildren().values().forEach(c -> types.add(c.getClass().getSimpleName()));
    return types;
  }

  private static final List<String> QUANTIZED =
      List.of(
          "Quantize",
          "QuantizedConvReLU3d",
          "Identity",
          "Identity",
          "QuantizedConv3d",
          "Identity",
          "QuantizedConvReLU3d",
          "Identity",
          "Flatten",
          "QuantizedLinear",
          "DeQuantize");

  /** Eagerly and as a Program, on every backend, the twin's bits. */
  private static void sameBitsEverywhere(Module m) {
    FloatTensor x = volumes(77, 3);
    float[] expected = Backends.with(JavaBackend.instance(), () -> floats(m.forward(x)));
    Graph g = Tracer.trace(m, FloatTensor.zeros(1, 2, 4, 5, 6));
    List<Backend> all = new ArrayList<>(List.of(JavaBackend.instance()));
    if (NativeLibrary.isAvailable()) {
      all.addAll(NativeBackend.available());
    }
    for (Backend b : all) {
      assertArrayEquals(expected, Backends.with(b, () -> floats(m.forward(x))), b + " eagerly");
      try (Program p = Backends.with(b, () -> Program.compile(g))) {
        assertArrayEquals(expected, floats(p.run(x)), b + " as a Program");
      }
    }
  }

  @Test
  void floatNetworksGiveTheSameBits() {
    sameBitsEverywhere(net().eval());
    sameBitsEverywhere(Fusion.fuse(net().eval()));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void statically(Engine engine) {
    Module model = net().eval();
    Module p = Quantization.prepare(Fusion.fuse(model), QConfigMapping.forEngine(engine));
    for (int i = 0; i < 4; i++) {
      p.forward(volumes(i, 4));
    }
    Module q = Quantization.convert(p);
    assertEquals(QUANTIZED, types(q));
    FloatTensor x = volumes(9, 8);
    double error = distance(floats(model.forward(x)), floats(q.forward(x)));
    assertTrue(error < 0.06, "relative error " + error);
    sameBitsEverywhere(q);
  }

  @Test
  void trained() {
    Module t =
        Quantization.prepareQat(Fusion.fuseQat(net().train()), QConfigMapping.qat(Engine.X86));
    assertEquals(
        List.of(
            "QuantStub",
            "QatConvBnReLU3d",
            "Identity",
            "Identity",
            "QatConvBn3d",
            "Identity",
            "QatConvReLU3d"),
        types(t).subList(0, 7));
    FloatTensor x = volumes(1, 8);
    FloatTensor target = FloatTensor.full(0.5f, 8, 4);
    SGD sgd = new SGD(t.parameters(), 0.05);
    double first = 0;
    double last = 0;
    for (int step = 0; step < 12; step++) {
      sgd.zeroGrad();
      try (Tape tape = Tape.record()) {
        Tensor loss = new MSELoss().forward(t.forward(x), target);
        last = ((FloatTensor) loss).item();
        first = step == 0 ? last : first;
        tape.backward(loss);
      }
      sgd.step();
    }
    assertTrue(last < first / 2, first + " to " + last);
    float[] before = floats(t.eval().forward(x));
    Module q = Quantization.convert(t);
    assertEquals(QUANTIZED, types(q));
    double error = distance(before, floats(q.forward(x)));
    assertTrue(error < 0.02, "relative error " + error);
    sameBitsEverywhere(q);
  }

  @Test
  void misuse() {
    Conv3d conv = new Conv3d(2, 3, 3);
    ShapeException e =
        assertThrows(ShapeException.class, () -> conv.call(FloatTensor.zeros(1, 2, 4, 4)));
    assertTrue(e.getMessage().contains("expected 5 dimensions with 2 channels"), e.getMessage());
    e = assertThrows(ShapeException.class, () -> conv.call(FloatTensor.zeros(1, 2, 2, 4, 4)));
    assertTrue(e.getMessage().contains("depth 2"), e.getMessage());
    OctetException o =
        assertThrows(
            OctetException.class,
            () ->
                new Conv3d(ConvGeometry.cube(3, 1, 0, 1, 1), FloatTensor.zeros(3, 2, 3, 3), null));
    assertTrue(o.getMessage().contains("3x3x3"), o.getMessage());
    assertThrows(
        ShapeException.class, () -> new BatchNorm3d(3).call(FloatTensor.zeros(1, 3, 2, 2)));
    assertEquals("Conv3d(2, 3, kernel 3x3x3, stride 1x1x1, padding 0,0,0,0,0,0)", conv.toString());
  }
}
