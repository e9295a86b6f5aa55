package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.backend.JavaBackend;
import org.octet.backend.NativeBackend;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.natives.NativeLibrary;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.ConvTranspose1d;
import org.octet.nn.ConvTranspose2d;
import org.octet.nn.ConvTranspose3d;
import org.octet.nn.Init;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.quantized.QuantizedConvTranspose2d;
import org.octet.ops.ConvGeometry;
import org.octet.ops.TransposedGeometry;
import org.octet.runtime.Program;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Networks with transposed convolutions. */
class TransposedTest {
  private static FloatTensor random(long seed, int... dims) {
    Random r = new Random(seed);
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextGaussian();
    }
    t.copyFrom(v);
    return t;
  }

  /** Down and up again, as networks for segmentation go. */
  private static Module net() {
    Init.seed(8);
    BatchNorm2d bn = new BatchNorm2d(6);
    bn.runningMean().copyFrom(new float[] {0.1f, -0.2f, 0, 0.3f, 0.1f, 0});
    bn.runningVar().copyFrom(new float[] {0.5f, 1.5f, 1, 0.8f, 2, 0.3f});
    return new Sequential(
        new QuantStub(),
        new Conv2d(3, 8, 3, 2, 1),
        new ReLU(),
        new ConvTranspose2d(8, 6, 3, 2, 1, 1, 2, true, 1),
        bn,
        new ConvTranspose2d(6, 4, 2, 3, 0),
        new DeQuantStub());
  }

  private static float[] floats(Tensor t) {
    return ((FloatTensor) t).toArray();
  }

  private static void sameBitsEverywhere(Module m, FloatTensor x) {
    float[] expected = Backends.with(JavaBackend.instance(), () -> floats(m.forward(x)));
    Graph g = Tracer.trace(m, FloatTensor.zeros(x.shape().dims()));
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
  void floatLayersGiveTheSameBits() {
    sameBitsEverywhere(net().eval(), random(1, 2, 3, 7, 9));
    Init.seed(2);
    sameBitsEverywhere(
        new Sequential(new ConvTranspose1d(3, 5, 4, 3, 1, 2, 1, true, 1)).eval(),
        random(2, 2, 3, 8));
    sameBitsEverywhere(
        new Sequential(new ConvTranspose3d(3, 5, 3, 2, 1, 1, 1, true, 2)).eval(),
        random(3, 2, 3, 3, 4, 2));
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void statically(Engine engine) {
    Module model = net().eval();
    Module fused = Fusion.fuse(model);
    FloatTensor x = random(9, 4, 3, 8, 8);
    float[] y = floats(model.forward(x));
    assertEquals("Identity", fused.module("4").getClass().getSimpleName());
    assertArrayEquals(y, floats(fused.forward(x)), 1e-5f);
    Module p = Quantization.prepare(fused, QConfigMapping.forEngine(engine));
    for (int i = 0; i < 4; i++) {
      p.forward(random(i, 4, 3, 8, 8));
    }
    Module q = Quantization.convert(p);
    QuantizedConvTranspose2d t = assertInstanceOf(QuantizedConvTranspose2d.class, q.module("3"));
    if (t.weight().qparams().isPerChannel()) {
      assertEquals(1, t.weight().qparams().axis());
      assertEquals(3, t.weight().qparams().count(), "one scale for each output of a group");
    }
    double off = 0;
    double size = 0;
    float[] z = floats(q.forward(x));
    for (int i = 0; i < y.length; i++) {
      off += (z[i] - y[i]) * (double) (z[i] - y[i]);
      size += y[i] * (double) y[i];
    }
    assertTrue(Math.sqrt(off / size) < 0.06, "relative error " + Math.sqrt(off / size));
    sameBitsEverywhere(q, x);
  }

  @Test
  void trainingKeepsBatchNormalisationApart() {
    Module t = Fusion.fuseQat(net().train());
    assertInstanceOf(ConvTranspose2d.class, t.module("3"));
    assertInstanceOf(BatchNorm2d.class, t.module("4"));
    FusionException e =
        assertThrows(
            FusionException.class, () -> Fusion.fuseQat(net().train(), List.of(List.of("3", "4"))));
    assertTrue(e.getMessage().contains("no form for training"), e.getMessage());
  }

  @Test
  void misuse() {
    ConvGeometry stride2 = ConvGeometry.square(3, 2, 1, 1, 1);
    says("the output padding 2", () -> new TransposedGeometry(stride2, 0, 2, 0));
    says("at most 2", () -> new TransposedGeometry(ConvGeometry.square(3, 1, 3, 1, 1)));
    ConvTranspose2d m = new ConvTranspose2d(2, 3, 3, 2, 1);
    assertThrows(ShapeException.class, () -> m.call(random(1, 1, 3, 4, 4)));
    says(
        "[in, out / groups",
        () ->
            new ConvTranspose2d(new TransposedGeometry(stride2), FloatTensor.zeros(2, 3, 3), null));
    assertEquals("ConvTranspose2d(2, 3, kernel 3x3, stride 2x2, padding 1,1,1,1)", m.toString());
    assertArrayEquals(new int[] {1, 3, 7, 9}, m.call(random(1, 1, 2, 4, 5)).shape().dims());
  }

  private static void says(String part, Runnable action) {
    OctetException e = assertThrows(OctetException.class, action::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
