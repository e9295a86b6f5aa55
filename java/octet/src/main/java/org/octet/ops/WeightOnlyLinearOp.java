package org.octet.ops;

import java.util.Arrays;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Linear layer over the last dimension with float32 in and out, whose weights have 8 or 4 bits and
 * a scale for each group of neighbours along K. Nothing of the input is rounded: it saves the
 * memory and the reading of weights, for the few rows of a generating model.
 *
 * <p>Inputs: x float32 [..., K]; weight qint8 [N * K / group, group], one group a row, per channel
 * along axis 0 with zero points 0 (codes -8 .. 7 for 4 bits); bias float32 [N] or null. Result:
 * {@code sum over groups of scale * sum of x * code}, plus the bias, then the activation.
 */
public final class WeightOnlyLinearOp extends Op {
  private final int bits;
  private final Activation activation;

  /**
   * A weight-only linear layer.
   *
   * @param bits 8 or 4
   * @throws IllegalArgumentException for other bits
   */
  public WeightOnlyLinearOp(int bits, Activation activation) {
    if (bits != 8 && bits != 4) {
      throw new IllegalArgumentException("weights of " + bits + " bits; expected 8 or 4");
    }
    this.bits = bits;
    this.activation = activation;
  }

  @Override
  public String name() {
    return "linear_weight_only";
  }

  /** Bits of a weight. */
  public int bits() {
    return bits;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("bits", bits, "activation", activation);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.notEmpty(name(), in[0]);
    QuantizedTensor w = Checks.quantizedWeight(name(), in[1]);
    int group = w.shape().rank() == 2 ? w.size(1) : 0;
    int k = in[0].shape().rank() == 0 ? 0 : in[0].size(-1);
    if (group == 0 || k % group != 0 || group * bits % 8 != 0 || w.size(0) % (k / group) != 0) {
      throw new ShapeException(
          "Op "
              + name()
              + " got an input of shape "
              + in[0].shape()
              + " and a weight of shape "
              + w.shape()
              + "; expected [N * K / group, group] with K the input's last dimension, and groups of"
              + " whole bytes.");
    }
    QParams q = w.qparams();
    for (int i = 0; i < (q.isPerChannel() ? w.size(0) : 1); i++) {
      if (q.zeroPoint(i) != 0) {
        throw new QParamsException(
            "Op "
                + name()
                + " got a weight with zero point "
                + q.zeroPoint(i)
                + "; expected 0. Quantize it symmetrically.");
      }
    }
    int n = w.size(0) / (k / group);
    if (in[2] != null && (in[2].shape().rank() != 1 || in[2].size(0) != n)) {
      throw new ShapeException(
          "Op " + name() + " got a bias of shape " + in[2].shape() + "; expected [" + n + "].");
    }
    return new Tensor[] {FloatTensor.ofSpec(in[0].shape().with(-1, n), MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CONTIGUOUS;
  }

  @Override
  public int constantInputs() {
    return 2;
  }

  @Override
  public Lowering lower(Tensor... in) {
    QuantizedTensor w = (QuantizedTensor) in[1];
    FloatTensor bias = (FloatTensor) in[2];
    int k = in[0].size(-1);
    int group = w.size(1);
    Attributes a =
        Attributes.builder()
            .ints(k, w.size(0) / (k / group), bits, group)
            .floats(activation.lo(), activation.hi())
            .build();
    return new Lowering(
        OpKind.LINEAR_WEIGHT_ONLY,
        a,
        () -> {
          float[] scales = new float[w.size(0)];
          for (int i = 0; i < scales.length; i++) {
            scales[i] = w.qparams().scale(w.qparams().isPerChannel() ? i : 0);
          }
          return Arrays.asList(
              Constants.channelsLast(w),
              Constants.ofFloats(scales),
              bias == null ? null : Constants.ofFloats(bias.toArray()));
        },
        Math.toIntExact(in[0].numel() / k));
  }
}
