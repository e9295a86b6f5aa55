package org.octet.nn.quantized;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU2d;
import org.octet.ops.ConvGeometry;
import org.octet.runtime.Program;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Every operation of the functional modules, traced and compiled: a Program gives the bits of eager
 * execution.
 */
class FunctionalProgramTest {
  private static final QParams Q = QParams.perTensor(0.02, 120, DType.QUINT8);

  private static FloatTensor random(long seed, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    SplittableRandom r = new SplittableRandom(seed);
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) (r.nextDouble() * 4 - 2);
    }
    t.copyFrom(v);
    return t;
  }

  /**
   * Two inputs, an image [N, C, H, W] and a gate [N, C, 1, 1]; {@code around} quantizes, null stays
   * in float.
   */
  private static final class Net extends Module {
    private final Key quant;
    private final Key conv;
    private final Key dequant;
    private final Key add;
    private final Key mul;
    private final Key cat;
    private final Key relu;
    private final Key scalar;

    Net(boolean quantized) {
      quant = quantized ? child("quant", new Quantize(Q)) : null;
      conv =
          quantized
              ? child(
                  "conv",
                  new QuantizedConvReLU2d(
                      ConvGeometry.square(3, 1, 1, 1, 1),
                      QuantizedTensor.quantizePerTensor(
                          random(3, 3, 3, 3, 3), 0.02, 0, DType.QINT8),
                      random(4, 3),
                      Q))
              : null;
      dequant = quantized ? child("dequant", new DeQuantize()) : null;
      add = child("add", functionalModule(quantized));
      mul = child("mul", functionalModule(quantized));
      cat = child("cat", functionalModule(quantized));
      relu = child("relu", functionalModule(quantized));
      scalar = child("scalar", functionalModule(quantized));
    }

    private static Module functionalModule(boolean quantized) {
      return quantized ? new QFunctional(Q) : new FloatFunctional();
    }

    @Override
    public Tensor forward(Tensor... in) {
      Tensor x = quant == null ? in[0] : run(quant, in[0]);
      Tensor gate = quant == null ? in[1] : run(quant, in[1]);
      Tensor y = conv == null ? x : run(conv, x);
      y = functional(add).add(y, x);
      y = functional(mul).mul(y, gate);
      y = functional(cat).cat(1, y, x, y);
      y = functional(scalar).addScalar(functional(scalar).mulScalar(y, -1.5), 0.75);
      y = functional(relu).addRelu(y, y);
      return dequant == null ? y : run(dequant, y);
    }
  }

  @Test
  void eagerAndProgramAgree() {
    for (boolean quantized : new boolean[] {false, true}) {
      Net net = new Net(quantized);
      FloatTensor x = random(1, 2, 3, 7, 5);
      FloatTensor gate = random(2, 2, 3, 1, 1);
      FloatTensor want = (FloatTensor) net.call(x, gate);
      assertArrayEquals(new int[] {2, 9, 7, 5}, want.shape().dims());
      Graph graph = Tracer.trace(net, x, gate);
      assertTrue(
          graph.nodes().stream().anyMatch(n -> n.module().equals("mul")),
          "nodes carry the functional's name");
      try (Program program = Program.compile(graph)) {
        FloatTensor got = (FloatTensor) program.run(new Tensor[] {x, gate})[0];
        assertArrayEquals(want.toArray(), got.toArray());
        assertEquals(want.shape(), got.shape());
      }
    }
  }
}
