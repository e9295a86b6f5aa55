package org.octet.nn.quantized;

import org.octet.nn.Module;
import org.octet.ops.Activation;
import org.octet.ops.WeightOnlyLinearOp;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Linear layer whose weights alone have 8 or 4 bits, with a scale for each group of neighbours
 * along the input features: float32 [..., in] to float32 [..., out]. The input is not rounded.
 * State: weight (qint8 [out * in / group, group]), bias (float32 [out]).
 */
public class WeightOnlyLinear extends Module {
  private final Key weight;
  private final Key bias;
  private final WeightOnlyLinearOp op;

  /**
   * A layer of given codes.
   *
   * @param weight qint8 [out * in / group, group], one group a row, per channel along axis 0, zero
   *     points 0
   * @param bias float32 [out], or null
   * @param bits 8, or 4 when all codes are -8 .. 7
   * @throws ShapeException if 4 bits do not hold a code, or the weight is not two-dimensional
   * @throws IllegalArgumentException if bits are neither 8 nor 4
   */
  public WeightOnlyLinear(QuantizedTensor weight, FloatTensor bias, int bits) {
    op = new WeightOnlyLinearOp(bits, Activation.NONE);
    if (weight.shape().rank() != 2) {
      throw new ShapeException(
          "WeightOnlyLinear got a weight of shape "
              + weight.shape()
              + "; expected [out * in / group, group].");
    }
    if (bits == 4) {
      for (int code : weight.intRepr()) {
        if (code < -8 || code > 7) {
          throw new ShapeException(
              "WeightOnlyLinear got the code " + code + "; 4 bits hold -8 .. 7. Ask for 8 bits.");
        }
      }
    }
    this.weight = buffer("weight", weight);
    this.bias = buffer("bias", bias == null ? null : bias.copy());
    eval();
  }

  /**
   * Rounds float weights: the largest magnitude of each group is the largest code, 127 or 7.
   *
   * @param weight float32 [out, in], all finite
   * @param bias float32 [out], or null
   * @param bits 8 or 4
   * @param group neighbours along the input features that share a scale, a divisor of them; even
   *     for 4 bits. 32, 64 and 128 are usual.
   * @throws ShapeException if the weight is not two-dimensional or the group does not fit
   */
  public static WeightOnlyLinear of(FloatTensor weight, FloatTensor bias, int bits, int group) {
    if (weight.shape().rank() != 2 || group < 1 || weight.size(1) % group != 0) {
      throw new ShapeException(
          "WeightOnlyLinear got a weight of shape "
              + weight.shape()
              + " and groups of "
              + group
              + "; expected [out, in] and a divisor of in.");
    }
    float[] w = weight.toArray();
    int most = bits == 4 ? 7 : 127;
    float[] scales = new float[w.length / group];
    int[] codes = new int[w.length];
    for (int g = 0; g < scales.length; g++) {
      float largest = 0;
      for (int i = g * group; i < (g + 1) * group; i++) {
        largest = Math.max(largest, Math.abs(w[i]));
      }
      // A group of zeros, or of denormals, whose scale would have no reciprocal.
      scales[g] = Math.max(largest / most, 1e-30f);
      for (int i = g * group; i < (g + 1) * group; i++) {
        codes[i] = (int) Math.max(-most, Math.min(most, Math.rint(w[i] / scales[g])));
      }
    }
    QParams q = QParams.perChannel(scales, new int[scales.length], 0, DType.QINT8);
    return new WeightOnlyLinear(
        QuantizedTensor.ofCodes(codes, q, scales.length, group), bias, bits);
  }

  /** The weight, qint8 [out * in / group, group]. */
  public final QuantizedTensor weight() {
    return (QuantizedTensor) getBuffer(weight);
  }

  /** The bias, float32 [out], or null. */
  public final FloatTensor bias() {
    return get(bias);
  }

  /** Bits of a weight, 8 or 4. */
  public final int bits() {
    return op.bits();
  }

  /** Weights that share a scale. */
  public final int group() {
    return weight().size(1);
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0], weight(), bias());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + bits() + " bits, groups of " + group() + ")";
  }
}
