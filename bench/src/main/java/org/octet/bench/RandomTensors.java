package org.octet.bench;

import java.util.SplittableRandom;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/** Seeded operands with realistic ranges. */
final class RandomTensors {
  private final SplittableRandom random = new SplittableRandom(42);

  /** Uniform in -bound..bound. */
  FloatTensor floats(float bound, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
    }
    t.copyFrom(v);
    return dims.length < 3 ? t : t.contiguous(MemoryFormat.CHANNELS_LAST);
  }

  /** quint8 codes over the whole range, scale 0.02, zero point 128. */
  QuantizedTensor activations(int... dims) {
    return QuantizedTensor.quantize(floats(2.5f, dims), QParams.perTensor(0.02, 128, DType.QUINT8));
  }

  /** qint8 weights with a scale for each output channel. */
  QuantizedTensor weights(int... dims) {
    float[] scales = new float[dims[0]];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) (0.001 + 0.0005 * random.nextDouble());
    }
    FloatTensor w = floats(0.12f, dims).contiguous();
    return QuantizedTensor.quantizePerChannel(w, scales, new int[dims[0]], 0, DType.QINT8);
  }

  /** Output parameters under which the products of these operands do not all saturate. */
  static QParams output(int k) {
    return QParams.perTensor(0.12 * Math.sqrt(k) / 64, 128, DType.QUINT8);
  }
}
