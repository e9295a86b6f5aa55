package org.octet.nn.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU2d;
import org.octet.nn.intrinsic.quantized.QuantizedLinearReLU;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinear;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinearReLU;
import org.octet.ops.ConvGeometry;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * The quantized modules as a user meets them: state, copies, functional children, and what goes
 * wrong.
 */
class QuantizedModulesTest {
  private static final QParams IN = QParams.perTensor(0.5, 128, DType.QUINT8);
  private static final QParams OUT = QParams.perTensor(0.25, 100, DType.QUINT8);

  private static QuantizedTensor weight(int... dims) {
    int n = 1;
    for (int d : dims) {
      n *= d;
    }
    int[] codes = new int[n];
    for (int i = 0; i < n; i++) {
      codes[i] = i * 37 % 255 - 127;
    }
    return QuantizedTensor.ofCodes(codes, QParams.perTensor(0.01, 0, DType.QINT8), dims);
  }

  private static QuantizedTensor codes(QParams q, int... codes) {
    return QuantizedTensor.ofCodes(codes, q, 1, codes.length);
  }

  /**
   * A residual block as a user would write it: two layers, and a sum through a functional child.
   */
  private static final class Block extends Module {
    private final Key first;
    private final Key skip;

    Block(Module first, Module skip) {
      this.first = child("first", first);
      this.skip = child("skip", skip);
    }

    @Override
    public Tensor forward(Tensor... in) {
      return functional(skip).add(run(first, in[0]), in[0]);
    }
  }

  private static final class Model extends Module {
    private final Key block;

    Model(Block block) {
      this.block = child("block", block);
    }

    @Override
    public Tensor forward(Tensor... in) {
      return run(block, in[0]);
    }
  }

  private static Model model() {
    return new Model(
        new Block(
            new QuantizedLinear(weight(3, 3), FloatTensor.of(new float[] {1, 2, 3}, 3), IN),
            new QFunctional(OUT)));
  }

  @Test
  void stateHasPyTorchsNamesAndLoads() {
    Model a = model();
    assertEquals(
        Set.of(
            "block.first.weight",
            "block.first.bias",
            "block.first.scale",
            "block.first.zero_point",
            "block.skip.scale",
            "block.skip.zero_point"),
        a.stateDict().keySet());
    Model b =
        new Model(
            new Block(
                new QuantizedLinear(
                    weight(3, 3), FloatTensor.zeros(3), QParams.perTensor(1, 0, DType.QUINT8)),
                new QFunctional(QParams.perTensor(1, 0, DType.QUINT8))));
    QuantizedTensor x = codes(IN, 120, 131, 200);
    QuantizedTensor before = (QuantizedTensor) b.forward(x);
    b.loadStateDict(a.stateDict());
    QuantizedTensor want = (QuantizedTensor) a.forward(x);
    QuantizedTensor got = (QuantizedTensor) b.forward(x);
    assertEquals(OUT, got.qparams());
    assertTrue(want.equalCodes(got));
    assertNotSame(before.qparams(), got.qparams());
    assertEquals(OUT, ((QFunctional) b.module("block.skip")).output());
    assertEquals(0.5f, ((QuantizedLinear) b.module("block.first")).scale());
    assertEquals(128, ((QuantizedLinear) b.module("block.first")).zeroPoint());
  }

  @Test
  void copiesAreIndependent() {
    Model a = model();
    Model b = (Model) a.copy();
    QuantizedTensor x = codes(IN, 1, 2, 250);
    QuantizedTensor want = (QuantizedTensor) a.forward(x);
    Model other = model();
    ((FloatTensor) other.stateDict().get("block.first.scale")).fill(2f);
    b.loadStateDict(other.stateDict());
    assertTrue(want.equalCodes((QuantizedTensor) a.forward(x)));
    assertEquals(2f, ((QuantizedLinear) b.module("block.first")).scale());
    assertEquals(0.5f, ((QuantizedLinear) a.module("block.first")).scale());
  }

  @Test
  void theBiasIsACopy() {
    FloatTensor bias = FloatTensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    QuantizedLinear linear = new QuantizedLinear(weight(2, 3), bias, OUT);
    bias.fill(9);
    assertArrayEquals(new float[] {1, 2}, linear.bias().toArray());
    assertTrue(!linear.bias().requiresGrad());
  }

  @Test
  void fusedActivationsClampAtTheZeroPoint() {
    QuantizedTensor x = codes(IN, 255, 0, 255);
    QuantizedTensor w = weight(4, 3);
    int[] plain = ((QuantizedTensor) new QuantizedLinear(w, null, OUT).forward(x)).intRepr();
    int[] relu = ((QuantizedTensor) new QuantizedLinearReLU(w, null, OUT).forward(x)).intRepr();
    boolean below = false;
    for (int i = 0; i < plain.length; i++) {
      assertEquals(Math.max(plain[i], 100), relu[i]);
      below |= plain[i] < 100;
    }
    assertTrue(below);
    QuantizedTensor image = QuantizedTensor.ofCodes(new int[] {0, 255, 9, 200}, IN, 1, 1, 2, 2);
    ConvGeometry g = ConvGeometry.square(2, 1, 1, 1, 1);
    plain =
        ((QuantizedTensor) new QuantizedConv2d(g, weight(2, 1, 2, 2), null, OUT).forward(image))
            .intRepr();
    relu =
        ((QuantizedTensor) new QuantizedConvReLU2d(g, weight(2, 1, 2, 2), null, OUT).forward(image))
            .intRepr();
    assertEquals(18, relu.length);
    for (int i = 0; i < plain.length; i++) {
      assertEquals(Math.max(plain[i], 100), relu[i]);
    }
    FloatTensor f = FloatTensor.of(new float[] {1, -2, 3}, 1, 3);
    float[] real = ((FloatTensor) new DynamicQuantizedLinear(w, null, true).forward(f)).toArray();
    float[] clamped =
        ((FloatTensor) new DynamicQuantizedLinearReLU(w, null, true).forward(f)).toArray();
    for (int i = 0; i < real.length; i++) {
      assertEquals(Math.max(real[i], 0f), clamped[i]);
    }
  }

  @Test
  void quantizeAndDequantize() {
    FloatTensor x = FloatTensor.of(new float[] {0.25f, -0.75f, 100}, 3);
    QuantizedTensor q = (QuantizedTensor) new Quantize(0.5, 10, DType.QUINT8).forward(x);
    // 0.5 and -1.5 steps: ties go to even.
    assertArrayEquals(new int[] {10, 8, 210}, q.intRepr());
    DeQuantize back = new DeQuantize();
    assertArrayEquals(new float[] {0, -1, 100}, ((FloatTensor) back.forward(q)).toArray());
    assertSame(x, back.forward(x));
  }

  @Test
  void functionalsWithTablesUseTheirOwnParameters() {
    QuantizedTensor x = codes(QParams.perTensor(0.1, 128, DType.QUINT8), 0, 128, 158, 255);
    assertArrayEquals(
        new int[] {128, 128, 158, 188},
        ((QuantizedTensor) new QuantizedReLU6().forward(x)).intRepr());
    QuantizedTensor h =
        (QuantizedTensor)
            new QuantizedHardswish(QParams.perTensor(0.05, 10, DType.QUINT8)).forward(x);
    // 0 and 3 (3 * 6 / 6) stay; 12.7 saturates.
    assertArrayEquals(new int[] {10, 10, 70, 255}, h.intRepr());
    QuantizedTensor s =
        (QuantizedTensor) new QuantizedSigmoid(QParams.perTensor(0.01, 0, DType.QUINT8)).forward(x);
    assertArrayEquals(new int[] {0, 50, 95, 100}, s.intRepr());
    assertThrows(DTypeException.class, () -> new QuantizedReLU6().forward(FloatTensor.zeros(2)));
    assertThrows(
        DTypeException.class, () -> new QuantizedHardswish(OUT).forward(FloatTensor.zeros(2)));
  }

  @Test
  void floatFunctionalObservesItsResults() {
    List<float[]> seen = new ArrayList<>();
    FloatFunctional f = new FloatFunctional();
    f.setChild(
        Module.ACTIVATION_POST_PROCESS,
        new Module() {
          @Override
          public Tensor forward(Tensor... in) {
            seen.add(((FloatTensor) in[0]).toArray());
            return in[0];
          }
        });
    FloatTensor a = FloatTensor.of(new float[] {1, -5}, 1, 2);
    FloatTensor b = FloatTensor.of(new float[] {2, 3}, 1, 2);
    assertArrayEquals(new float[] {3, -2}, ((FloatTensor) f.add(a, b)).toArray());
    assertArrayEquals(new float[] {2, -15}, ((FloatTensor) f.mul(a, b)).toArray());
    assertArrayEquals(new float[] {3, 0}, ((FloatTensor) f.addRelu(a, b)).toArray());
    assertArrayEquals(new float[] {1, -5, 2, 3}, ((FloatTensor) f.cat(1, a, b)).toArray());
    assertArrayEquals(new float[] {1.5f, -4.5f}, ((FloatTensor) f.addScalar(a, 0.5)).toArray());
    assertArrayEquals(new float[] {-2, 10}, ((FloatTensor) f.mulScalar(a, -2)).toArray());
    assertEquals(4, seen.size(), "scalar forms are not observed");
    assertArrayEquals(new float[] {3, 0}, seen.get(2));
    Tensor sum =
        f.add(FloatTensor.of(new float[] {1, 2, 3}, 3, 1), FloatTensor.of(new float[] {10, 20}, 2));
    assertArrayEquals(new float[] {11, 21, 12, 22, 13, 23}, ((FloatTensor) sum).toArray());
    assertThrows(OctetException.class, () -> f.call(a));
    assertThrows(OctetException.class, () -> new QFunctional(OUT).call(a));
  }

  @Test
  void quantizedOperandsBroadcast() {
    QuantizedTensor gate =
        QuantizedTensor.ofCodes(
            new int[] {1, 2, 3}, QParams.perTensor(1, 0, DType.QUINT8), 3, 1, 1);
    int[] image = new int[2 * 3 * 5 * 7];
    int[] want = new int[image.length];
    for (int i = 0; i < image.length; i++) {
      image[i] = i % 60;
      want[i] = image[i] * (i / 35 % 3 + 1);
    }
    QuantizedTensor x =
        QuantizedTensor.ofCodes(image, QParams.perTensor(1, 0, DType.QUINT8), 2, 3, 5, 7);
    QuantizedTensor y =
        (QuantizedTensor) new QFunctional(QParams.perTensor(1, 0, DType.QUINT8)).mul(x, gate);
    assertArrayEquals(want, y.intRepr());
  }

  @Test
  void messagesNameTheModuleAndTheFix() {
    Model m = model();
    FloatTensor f = FloatTensor.zeros(1, 3);
    says(
        DTypeException.class,
        () -> m.call(f),
        "block.first: ",
        "float32",
        "Add a QuantStub before block.first.");
    says(
        ShapeException.class,
        () -> m.call(codes(IN, 1, 2)),
        "block.first: ",
        "[1, 2]",
        "3 features");
    Model add =
        new Model(new Block(new QuantizedLinear(weight(2, 3), null, IN), new QFunctional(OUT)));
    says(
        ShapeException.class,
        () -> add.call(codes(IN, 1, 2, 3)),
        "block.skip: ",
        "[1, 2]",
        "[1, 3]");
    Model signed =
        new Model(
            new Block(
                new QuantizedLinear(weight(3, 3), null, QParams.perTensor(1, 0, DType.QINT8)),
                new QFunctional(OUT)));
    says(
        DTypeException.class,
        () -> signed.call(codes(IN, 1, 2, 3)),
        "block.skip: ",
        "qint8",
        "one dtype");
    Model wrong = new Model(new Block(new QFunctional(OUT), new QFunctional(OUT)));
    says(
        OctetException.class,
        () -> wrong.call(codes(IN, 1)),
        "block.first: ",
        "functional(key).add");
    Model notFunctional = new Model(new Block(new DeQuantize(), new DeQuantize()));
    says(
        OctetException.class,
        () -> notFunctional.call(codes(IN, 1)),
        "block: ",
        "skip",
        "expected a FloatFunctional");
    Model floatSum =
        new Model(new Block(new QuantizedLinear(weight(3, 3), null, IN), new FloatFunctional()));
    says(
        DTypeException.class,
        () -> floatSum.call(codes(IN, 1, 2, 3)),
        "block.skip: ",
        "DeQuantStub before block.skip");
  }

  @Test
  void constructorsRefuseWhatCannotRun() {
    QuantizedTensor unsigned = codes(IN, 1, 2, 3);
    says(
        DTypeException.class,
        () -> new QuantizedLinear(unsigned, null, OUT),
        "quint8 weight",
        "qint8");
    says(
        DTypeException.class,
        () -> new DynamicQuantizedLinear(unsigned, null, true),
        "quint8 weight",
        "qint8");
    says(
        ShapeException.class,
        () -> new QuantizedLinear(weight(2, 3), FloatTensor.zeros(3), OUT),
        "[3]",
        "[2]");
    QuantizedTensor axis1 =
        QuantizedTensor.quantizePerChannel(
            FloatTensor.zeros(2, 3), new float[] {1, 1, 1}, new int[3], 1, DType.QINT8);
    says(QParamsException.class, () -> new QuantizedLinear(axis1, null, OUT), "axis 1", "axis 0");
    says(
        ShapeException.class,
        () ->
            new QuantizedConv2d(ConvGeometry.square(3, 1, 0, 1, 1), weight(2, 1, 2, 2), null, OUT),
        "[2, 1, 2, 2]",
        "3x3");
    says(
        ShapeException.class,
        () -> new QuantizedConv1d(ConvGeometry.line(2, 1, 0, 1, 2), weight(3, 1, 2), null, OUT),
        "2 groups");
    says(QParamsException.class, () -> new Quantize(0.1, 300, DType.QUINT8), "300", "0 to 255");
    says(QParamsException.class, () -> new Quantize(Double.NaN, 0, DType.QUINT8), "NaN");
    says(DTypeException.class, () -> new Quantize(0.1, 0, DType.QINT32), "qint32");
    says(
        ShapeException.class,
        () ->
            QuantizedTensor.quantizePerChannel(
                FloatTensor.zeros(2, 3), new float[2], new int[2], 2, DType.QINT8),
        "Axis 2");
  }

  private static void says(Class<? extends OctetException> type, Executable body, String... words) {
    String message = assertThrows(type, body).getMessage();
    for (String w : words) {
      assertTrue(message.contains(w), message + " should say " + w);
    }
  }
}
