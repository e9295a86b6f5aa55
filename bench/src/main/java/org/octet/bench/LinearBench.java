package org.octet.bench;

import org.octet.backend.Backends;
import org.octet.nn.quantized.WeightOnlyLinear;
import org.octet.ops.Activation;
import org.octet.ops.DynamicLinearOp;
import org.octet.ops.LinearOp;
import org.octet.ops.QuantizedLinearOp;
import org.octet.ops.WeightOnlyLinearOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** How much faster is a linear layer in int8, static and dynamic, than in fp32? */
public class LinearBench extends LayerBench {
  /** MxKxN. */
  @Param({"1x768x768", "1x768x3072", "8x384x384", "32x384x1536", "128x768x3072", "512x512x512"})
  public String shape;

  private OpRunner int8Dynamic;
  private OpRunner int8WeightOnly;
  private OpRunner int4WeightOnly;
  private OpenBlasGemm openblas;

  /** Makes operands and operators. */
  @Setup
  public void setup() {
    int[] s = Shapes.parse(shape, 3, "MxKxN, for example 128x768x3072");
    RandomTensors random = new RandomTensors();
    FloatTensor x = random.floats(2.5f, s[0], s[1]);
    FloatTensor w = random.floats(0.12f, s[2], s[1]);
    FloatTensor bias = random.floats(0.5f, s[2]);
    QuantizedTensor qx = random.activations(s[0], s[1]);
    QuantizedTensor qw = random.weights(s[2], s[1]);
    setup(
        new QuantizedLinearOp(RandomTensors.output(s[1]), Activation.NONE),
        new Tensor[] {qx, qw, bias},
        new LinearOp(Activation.NONE),
        new Tensor[] {x, w, bias});
    int8Dynamic =
        new OpRunner(
            Backends.current(),
            new DynamicLinearOp(false, DynamicLinearOp.Granularity.PER_TENSOR, Activation.NONE),
            x,
            qw,
            bias);
    int8WeightOnly = weightOnly(8, x, w, bias);
    int4WeightOnly = weightOnly(4, x, w, bias);
    openblas = new OpenBlasGemm(x, w);
  }

  /** Groups of 32, or one group where K is no multiple of that. */
  private static OpRunner weightOnly(int bits, FloatTensor x, FloatTensor w, FloatTensor bias) {
    int k = w.size(1);
    QuantizedTensor weight = WeightOnlyLinear.of(w, bias, bits, k % 32 == 0 ? 32 : k).weight();
    return new OpRunner(
        Backends.current(), new WeightOnlyLinearOp(bits, Activation.NONE), x, weight, bias);
  }

  /** Frees what only this class has. */
  @TearDown
  public void closeMine() {
    int8Dynamic.close();
    int8WeightOnly.close();
    int4WeightOnly.close();
    openblas.close();
  }

  /** float32 in and out; quantizing the activations is included. */
  @Benchmark
  public Object int8Dynamic() {
    return int8Dynamic.run();
  }

  /** float32 in and out, weights of 8 bits: for the rows of few M. */
  @Benchmark
  public Object int8WeightOnly() {
    return int8WeightOnly.run();
  }

  /** The same with weights of 4 bits. */
  @Benchmark
  public Object int4WeightOnly() {
    return int4WeightOnly.run();
  }

  /** OpenBLAS, without a bias. */
  @Benchmark
  public Object fp32OpenBlas() {
    return openblas.run();
  }
}
