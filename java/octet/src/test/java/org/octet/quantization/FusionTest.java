package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.octet.nn.BatchNorm1d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Conv3d;
import org.octet.nn.Identity;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.ConvGeometry;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

class FusionTest {
  private static FloatTensor random(int... dims) {
    Random random = new Random(dims.length);
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) random.nextGaussian();
    }
    t.copyFrom(v);
    return t;
  }

  private static <M extends Module> M learned(M bn) {
    Random random = new Random(5);
    bn.stateDict()
        .forEach(
            (name, t) -> {
              float[] v = ((FloatTensor) t).toArray();
              for (int i = 0; i < v.length; i++) {
                v[i] = 0.5f + random.nextFloat();
              }
              ((FloatTensor) t).copyFrom(v);
            });
    return bn;
  }

  private static List<String> types(Module m) {
    List<String> out = new ArrayList<>();
    m.namedChildren().values().forEach(c -> out.add(c.getClass().getSimpleName()));
    return out;
  }

  /** Fused automatically and by name, with the expected kinds and the same answer. */
  private static void fuses(List<String> expected, FloatTensor x, Module... parts) {
    Module m = new Sequential(parts).eval();
    float[] before = ((FloatTensor) m.forward(x)).toArray();
    List<String> names = new ArrayList<>(m.namedChildren().keySet());
    for (Module f : List.of(Fusion.fuse(m), Fusion.fuse(m, List.of(names)), Fusion.fuse(m, x))) {
      assertEquals(expected, types(f));
      assertArrayEquals(before, ((FloatTensor) f.forward(x)).toArray(), 1e-5f);
    }
    assertArrayEquals(before, ((FloatTensor) m.forward(x)).toArray());
  }

  @Test
  void everyPattern() {
    FloatTensor image = random(2, 3, 6, 6);
    FloatTensor line = random(2, 3, 9);
    FloatTensor row = random(4, 3);
    fuses(List.of("Conv2d", "Identity"), image, new Conv2d(3, 4, 3), learned(new BatchNorm2d(4)));
    fuses(
        List.of("ConvReLU2d", "Identity", "Identity"),
        image,
        new Conv2d(3, 6, ConvGeometry.square(3, 2, 1, 1, 3), false),
        learned(new BatchNorm2d(6)),
        new ReLU());
    fuses(List.of("ConvReLU2d", "Identity"), image, new Conv2d(3, 4, 1), new ReLU());
    fuses(List.of("Conv1d", "Identity"), line, new Conv1d(3, 4, 3), learned(new BatchNorm1d(4)));
    fuses(
        List.of("ConvReLU1d", "Identity", "Identity"),
        line,
        new Conv1d(3, 4, 3),
        learned(new BatchNorm1d(4)),
        new ReLU());
    fuses(List.of("ConvReLU1d", "Identity"), line, new Conv1d(3, 4, 3), new ReLU());
    fuses(List.of("LinearReLU", "Identity"), row, new Linear(3, 5, false), new ReLU());
    fuses(List.of("Linear", "Identity"), row, new Linear(3, 5, false), learned(new BatchNorm1d(5)));
    fuses(List.of("BNReLU2d", "Identity"), image, learned(new BatchNorm2d(3)), new ReLU());
    FloatTensor volume = random(2, 3, 4, 5, 4);
    fuses(List.of("Conv3d", "Identity"), volume, new Conv3d(3, 4, 3), learned(new BatchNorm3d(4)));
    fuses(
        List.of("ConvReLU3d", "Identity", "Identity"),
        volume,
        new Conv3d(3, 4, 3),
        learned(new BatchNorm3d(4)),
        new ReLU());
    fuses(List.of("ConvReLU3d", "Identity"), volume, new Conv3d(3, 4, 1), new ReLU());
    fuses(List.of("BNReLU3d", "Identity"), volume, learned(new BatchNorm3d(3)), new ReLU());
    fuses(
        List.of("Conv2d", "Identity"),
        image,
        new Conv2d(3, 4, 3),
        learned(new BatchNorm2d(4, 1e-3, 0.1, false)));
  }

  @Test
  void fusedReLUGivesTheBitsOfTheTwoModules() {
    FloatTensor x = random(2, 3, 6, 6);
    Module m = new Sequential(new Conv2d(3, 4, 3), new ReLU()).eval();
    assertArrayEquals(
        ((FloatTensor) m.forward(x)).toArray(),
        ((FloatTensor) Fusion.fuse(m).forward(x)).toArray());
    Module bn = new Sequential(learned(new BatchNorm2d(3)), new ReLU()).eval();
    assertArrayEquals(
        ((FloatTensor) bn.forward(x)).toArray(),
        ((FloatTensor) Fusion.fuse(bn).forward(x)).toArray());
  }

  /** Registers its layers in another order than it runs them, and one ReLU twice. */
  private static final class Shuffled extends Module {
    private final Key relu = child("relu", new ReLU());
    private final Key bnB = child("bnB", learned(new BatchNorm2d(4)));
    private final Key convA = child("convA", new Conv2d(3, 4, 1));
    private final Key bnA = child("bnA", learned(new BatchNorm2d(4)));
    private final Key convB = child("convB", new Conv2d(4, 4, 1));

    @Override
    public Tensor forward(Tensor... in) {
      Tensor a = run(relu, run(bnA, run(convA, in[0])));
      return run(relu, run(bnB, run(convB, a)));
    }
  }

  @Test
  void dataFlowDecidesNotTheOrderOfRegistration() {
    Module f = Fusion.fuse(new Shuffled().eval());
    assertEquals(List.of("ReLU", "Identity", "Conv2d", "Identity", "Conv2d"), types(f));
  }

  /** A convolution whose result is used twice. */
  private static final class Tapped extends Module {
    private final Key conv = child("conv", new Conv2d(3, 3, 1));
    private final Key relu = child("relu", new ReLU());
    private final Key bn = child("bn", new BatchNorm2d(3));

    @Override
    public Tensor forward(Tensor... in) {
      Tensor y = run(conv, in[0]);
      run(relu, y);
      return run(bn, y);
    }
  }

  @Test
  void aResultThatIsUsedTwiceIsNotFused() {
    assertEquals(List.of("Conv2d", "ReLU", "BatchNorm2d"), types(Fusion.fuse(new Tapped().eval())));
  }

  /** Reads values, which tracing cannot. */
  private static final class Unfollowable extends Module {
    private final Key body =
        child("body", new Sequential(new Conv2d(3, 4, 1), learned(new BatchNorm2d(4)), new ReLU()));
    private final Key conv = child("conv", new Conv2d(4, 4, 1));
    private final Key relu = child("relu", new ReLU());

    @Override
    public Tensor forward(Tensor... in) {
      Tensor y = run(body, in[0]);
      return ((FloatTensor) y).get(0, 0, 0, 0) > 1e30f ? y : run(relu, run(conv, y));
    }
  }

  @Test
  void whatCannotBeFollowedIsFusedInsideSequentialsOnly() {
    Module f = Fusion.fuse(new Unfollowable().eval());
    assertEquals(List.of("ConvReLU2d", "Identity", "Identity"), types(f.module("body")));
    assertEquals(List.of("Sequential", "Conv2d", "ReLU"), types(f));
  }

  @Test
  void anExampleOfTheWrongShapeThrows() {
    Module m = new Sequential(new Conv2d(3, 4, 3), new ReLU()).eval();
    assertThrows(ShapeException.class, () -> Fusion.fuse(m, random(1, 5, 8, 8)));
  }

  private static String refused(Module m, List<String> group) {
    return assertThrows(FusionException.class, () -> Fusion.fuse(m, List.of(group))).getMessage();
  }

  @Test
  void errors() {
    Module m =
        new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4), new ReLU(), new BatchNorm2d(5))
            .eval();
    String order = refused(m, List.of("1", "0"));
    assertTrue(order.contains("[1, 0]") && order.contains("Conv2d-BatchNorm2d-ReLU"), order);
    assertTrue(refused(m, List.of("0", "2", "1")).contains("in the order"), "order");
    String unknown = refused(m, List.of("0", "bn"));
    assertTrue(unknown.contains("\"bn\"") && unknown.contains("[0, 1, 2, 3]"), unknown);
    assertTrue(refused(m, List.of("0", "3")).contains("5 channels"), "channels");
    assertTrue(refused(m, List.of("0")).contains("expected one of"), "one module");
    assertThrows(
        FusionException.class, () -> Fusion.fuse(m, List.of(List.of("0", "1"), List.of("1", "2"))));

    Module training = new Sequential(new Conv2d(3, 4, 3), new BatchNorm2d(4));
    assertTrue(refused(training, List.of("0", "1")).contains("eval()"), "training mode");
    assertTrue(
        assertThrows(FusionException.class, () -> Fusion.fuse(training))
            .getMessage()
            .contains("eval()"));

    ReLU relu = new ReLU();
    Module shared = new Sequential(new Conv2d(3, 4, 3), relu, new Conv2d(4, 4, 3), relu).eval();
    assertTrue(refused(shared, List.of("0", "1")).contains("2 places"), "shared");
    assertEquals(List.of("Conv2d", "ReLU", "Conv2d", "ReLU"), types(Fusion.fuse(shared)));
  }

  /** A subclass may do something else in forward, so it is left alone. */
  private static final class MyReLU extends ReLU {}

  @Test
  void subclassesAreNotFused() {
    Module m = new Sequential(new Conv2d(3, 4, 3), new MyReLU(), new Identity()).eval();
    assertEquals(List.of("Conv2d", "MyReLU", "Identity"), types(Fusion.fuse(m)));
  }
}
