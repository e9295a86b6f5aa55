package org.octet.ops;

import java.util.Random;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/**
 * Random quantized tensors, and the arithmetic of the contract written once more: int64 sums,
 * rounding before clamping.
 */
final class QuantizedNaive {
  private QuantizedNaive() {}

  static QParams params(Random r, DType dtype) {
    int z = dtype.quantMin() + r.nextInt(256);
    return QParams.perTensor(Math.exp(r.nextDouble() * 6 - 6), z, dtype);
  }

  static QuantizedTensor activation(Random r, DType dtype, int... dims) {
    return QuantizedTensor.ofCodes(codes(r, dtype, dims), params(r, dtype), dims);
  }

  /**
   * A qint8 weight: mode 0 per tensor, 1 per tensor with a zero point, 2 per channel, 3 per channel
   * with zero points.
   */
  static QuantizedTensor weight(Random r, int mode, int... dims) {
    int[] codes = codes(r, DType.QINT8, dims);
    if (mode < 2) {
      int z = mode == 0 ? 0 : r.nextInt(256) - 128;
      return QuantizedTensor.ofCodes(
          codes, QParams.perTensor(0.001 + r.nextDouble() * 0.02, z, DType.QINT8), dims);
    }
    float[] scales = new float[dims[0]];
    int[] zeroPoints = new int[dims[0]];
    for (int c = 0; c < dims[0]; c++) {
      scales[c] = (float) (0.001 + r.nextDouble() * 0.02);
      zeroPoints[c] = mode == 2 ? 0 : r.nextInt(256) - 128;
    }
    return QuantizedTensor.ofCodes(
        codes, QParams.perChannel(scales, zeroPoints, 0, DType.QINT8), dims);
  }

  /** Codes with many extreme ones. */
  static int[] codes(Random r, DType dtype, int... dims) {
    int n = 1;
    for (int d : dims) {
      n *= d;
    }
    int[] codes = new int[n];
    for (int i = 0; i < n; i++) {
      int k = r.nextInt(8);
      codes[i] =
          k == 0 ? dtype.quantMin() : k == 1 ? dtype.quantMax() : dtype.quantMin() + r.nextInt(256);
    }
    return codes;
  }

  static FloatTensor floats(Random r, double amplitude, int... dims) {
    int n = 1;
    for (int d : dims) {
      n *= d;
    }
    float[] v = new float[n];
    for (int i = 0; i < n; i++) {
      v[i] = (float) (r.nextGaussian() * amplitude);
    }
    return FloatTensor.of(v, dims);
  }

  /** clamp(rint(t) + z), rounding first. */
  static int round(float t, QParams out, boolean relu, boolean six) {
    double lo = relu ? out.zeroPoint() : out.dtype().quantMin();
    double hi = out.dtype().quantMax();
    if (six) {
      hi = Math.min(hi, Math.rint((double) (6f * (1f / out.scale()))) + out.zeroPoint());
    }
    double q = Float.isNaN(t) ? lo : Math.rint((double) t) + out.zeroPoint();
    return (int) Math.min(Math.max(q, lo), hi);
  }

  static int requantize(long acc, float multiplier, QParams out, Activation activation) {
    return round(
        (float) (int) acc * multiplier,
        out,
        activation != Activation.NONE,
        activation == Activation.RELU6);
  }

  static float scale(QParams q, int channel) {
    return q.scale(q.isPerChannel() ? channel : 0);
  }

  static int zeroPoint(QParams q, int channel) {
    return q.zeroPoint(q.isPerChannel() ? channel : 0);
  }

  static long bias(FloatTensor bias, int channel, float k) {
    return bias == null ? 0 : (long) Math.rint((double) (bias.get(channel) * (1f / k)));
  }
}
