package org.octet.quantization;

import java.util.function.Supplier;
import org.octet.ops.FakeQuantizeOp;
import org.octet.quantization.observer.MovingAveragePerChannelMinMaxObserver;
import org.octet.quantization.observer.ObserverOptions;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;
import org.octet.tensor.Tensor;

/**
 * Fake quantization of an embedding's rows (PyTorch's per_channel_affine_float_qparams): each row
 * has a range that need not contain 0, and a zero point that is no integer. The range is that of
 * the newest table.
 *
 * <p>State beside that of {@link FakeQuantizeBase}: scale and zero_point, float32 [rows].
 */
public final class EmbeddingFakeQuantize extends FakeQuantizeBase {
  private final Key scale;
  private final Key zeroPoint;

  /** Rows of {@code bits} bits, 2 to 8. */
  public EmbeddingFakeQuantize(int bits) {
    super(
        new MovingAveragePerChannelMinMaxObserver(
            ObserverOptions.perChannel()
                .withQScheme(QScheme.PER_CHANNEL_AFFINE_FLOAT_QPARAMS)
                .withDType(bits > 4 ? DType.QUINT8 : bits > 2 ? DType.QUINT4X2 : DType.QUINT2X4)
                .withQuantRange(0, (1 << bits) - 1)
                .withAveragingConstant(1)));
    scale = buffer("scale", FloatTensor.of(new float[] {1f}, 1));
    zeroPoint = buffer("zero_point", FloatTensor.of(new float[] {0f}, 1));
  }

  /** A maker of fake quantizers for rows of {@code bits} bits. */
  public static Supplier<EmbeddingFakeQuantize> ofBits(int bits) {
    return () -> new EmbeddingFakeQuantize(bits);
  }

  /** The scale of each row. */
  public FloatTensor scale() {
    return get(scale);
  }

  /** The zero point of each row, a real number. */
  public FloatTensor zeroPoint() {
    return get(zeroPoint);
  }

  @Override
  public void observe(FloatTensor x) {
    super.observe(x);
    if (isObserverEnabled() && isCalibrated()) {
      QParams q = calculateQParams();
      store(scale, q.scales());
      store(zeroPoint, q.floatZeroPoints());
    }
  }

  private void store(Key key, float[] values) {
    if (get(key).numel() == values.length) {
      get(key).copyFrom(values);
    } else {
      set(key, FloatTensor.of(values, values.length));
    }
  }

  @Override
  public Tensor forward(Tensor... in) {
    if (in[0] instanceof FloatTensor x && !x.isAbstract()) {
      observe(x);
    }
    return isFakeQuantEnabled()
        ? FakeQuantizeOp.withFloatZeroPoints(
                scale().toArray(), zeroPoint().toArray(), 0, quantMin(), quantMax())
            .apply(in[0])
        : in[0];
  }
}
