package org.octet.runtime;

import java.util.SplittableRandom;
import org.octet.ops.Activation;
import org.octet.ops.BinaryOp;
import org.octet.ops.CatOp;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvOp;
import org.octet.ops.DequantizeOp;
import org.octet.ops.DynamicLinearOp;
import org.octet.ops.FlattenOp;
import org.octet.ops.Forward;
import org.octet.ops.LinearOp;
import org.octet.ops.MaxPoolOp;
import org.octet.ops.QuantizeOp;
import org.octet.ops.QuantizedAddOp;
import org.octet.ops.QuantizedCatOp;
import org.octet.ops.QuantizedConvOp;
import org.octet.ops.QuantizedLinearOp;
import org.octet.ops.UnaryOp;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Small networks of plain ops, which take [N, 3, 9, 9], and tensors with fixed pseudo-random
 * values.
 */
final class Nets {
  static final ConvGeometry K3 = ConvGeometry.square(3, 1, 1, 1, 1);
  static final ConvGeometry DEPTHWISE = ConvGeometry.square(3, 1, 1, 1, 8);
  static final ConvGeometry POOL = ConvGeometry.square(3, 2, 0, 1, 1);
  static final QParams IMAGE = QParams.perTensor(0.02, 120, DType.QUINT8);
  static final QParams HIDDEN = QParams.perTensor(0.05, 100, DType.QUINT8);
  static final QParams WIDE = QParams.perTensor(0.09, 90, DType.QUINT8);

  private Nets() {}

  static FloatTensor random(long seed, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    SplittableRandom r = new SplittableRandom(seed);
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) (r.nextDouble() * 4 - 2);
    }
    t.copyFrom(v);
    return t;
  }

  static QuantizedTensor weight(long seed, int... dims) {
    float[] scales = new float[dims[0]];
    SplittableRandom r = new SplittableRandom(seed + 1);
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) (0.002 + 0.01 * r.nextDouble());
    }
    return QuantizedTensor.quantizePerChannel(
        random(seed, dims), scales, new int[scales.length], 0, DType.QINT8);
  }

  /**
   * Convolutions, relu, relu6, pool, a residual sum, cat of a value with itself, flatten, linear.
   */
  static Forward floats() {
    FloatTensor w1 = random(1, 8, 3, 3, 3);
    FloatTensor b1 = random(2, 8);
    FloatTensor w2 = random(3, 8, 1, 3, 3);
    FloatTensor w3 = random(4, 5, 16 * 4 * 4);
    FloatTensor b3 = random(5, 5);
    return in -> {
      Tensor a = UnaryOp.RELU.apply(new ConvOp(K3, Activation.NONE).apply(in[0], w1, b1));
      Tensor b = UnaryOp.RELU6.apply(new ConvOp(DEPTHWISE, Activation.NONE).apply(a, w2, null));
      Tensor c = BinaryOp.ADD.apply(a, b);
      Tensor d = new MaxPoolOp(POOL, false).apply(new CatOp(1).apply(c, a));
      return new LinearOp(Activation.NONE).apply(new FlattenOp(1, -1).apply(d), w3, b3);
    };
  }

  /** The same in 8 bit, with a linear layer that quantizes its input itself at the end. */
  static Forward quantized() {
    QuantizedTensor w1 = weight(1, 8, 3, 3, 3);
    FloatTensor b1 = random(2, 8);
    QuantizedTensor w2 = weight(3, 8, 1, 3, 3);
    QuantizedTensor w3 = weight(4, 6, 16 * 4 * 4);
    QuantizedTensor w4 = weight(6, 5, 6);
    FloatTensor b4 = random(7, 5);
    return in -> {
      Tensor q = new QuantizeOp(IMAGE).apply(in[0]);
      Tensor a =
          UnaryOp.RELU.apply(new QuantizedConvOp(K3, HIDDEN, Activation.NONE).apply(q, w1, b1));
      Tensor b = new QuantizedConvOp(DEPTHWISE, HIDDEN, Activation.RELU6).apply(a, w2, null);
      Tensor c = new QuantizedAddOp(WIDE, false).apply(a, b);
      Tensor d = new MaxPoolOp(POOL, false).apply(new QuantizedCatOp(1, WIDE, false).apply(c, a));
      Tensor e =
          new QuantizedLinearOp(WIDE, Activation.NONE)
              .apply(new FlattenOp(1, -1).apply(d), w3, null);
      return new DynamicLinearOp(false, DynamicLinearOp.Granularity.PER_TENSOR, Activation.NONE)
          .apply(new DequantizeOp().apply(e), w4, b4);
    };
  }
}
