package org.octet.bench;

import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvOp;
import org.octet.ops.QuantizedConvOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * How much faster is a convolution in int8 than in fp32? One image, channels-last, relu fused,
 * padding (K - 1) / 2.
 */
public class ConvBench extends LayerBench {
  /** CINxCOUTxKxSTRIDExSIZExGROUPS. */
  @Param({
    "3x32x3x2x224x1",
    "64x64x3x1x56x1",
    "64x256x1x1x56x1",
    "256x64x1x1x56x1",
    "128x128x3x1x28x1",
    "96x96x3x2x112x96",
    "144x144x3x1x56x144",
    "384x64x1x1x14x1"
  })
  public String shape;

  private OpenBlasConv openblas;

  /** Makes operands and operators. */
  @Setup
  public void setup() {
    int[] s = Shapes.parse(shape, 6, "CINxCOUTxKxSTRIDExSIZExGROUPS, for example 64x64x3x1x56x1");
    ConvGeometry g = ConvGeometry.square(s[2], s[3], (s[2] - 1) / 2, 1, s[5]);
    RandomTensors random = new RandomTensors();
    int k = s[0] / s[5] * s[2] * s[2];
    FloatTensor x = random.floats(2.5f, 1, s[0], s[4], s[4]);
    FloatTensor w = random.floats(0.12f, s[1], s[0] / s[5], s[2], s[2]);
    FloatTensor bias = random.floats(0.5f, s[1]);
    QuantizedTensor qx = random.activations(1, s[0], s[4], s[4]);
    QuantizedTensor qw = random.weights(s[1], s[0] / s[5], s[2], s[2]);
    setup(
        new QuantizedConvOp(g, RandomTensors.output(k), Activation.RELU),
        new Tensor[] {qx, qw, bias},
        new ConvOp(g, Activation.RELU),
        new Tensor[] {x, w, bias});
    openblas = new OpenBlasConv(x, w, g);
  }

  /** Frees what only this class has. */
  @TearDown
  public void closeMine() {
    openblas.close();
  }

  /** im2col (none for 1x1) and OpenBLAS, a product for each group; without bias and relu. */
  @Benchmark
  public Object fp32OpenBlas() {
    return openblas.run();
  }
}
