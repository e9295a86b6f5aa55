package org.octet.quantization.observer;

import java.util.function.Consumer;
import org.octet.tensor.DType;
import org.octet.tensor.QScheme;

/**
 * What observers can be told; each class reads the options that concern it. Immutable: the {@code
 * with} methods return changed copies.
 *
 * @param dtype type of the codes
 * @param qscheme granularity and symmetry
 * @param reduceRange whether the range of codes is halved (PyTorch's guard against saturating
 *     16-bit sums; Octet's kernels need none)
 * @param quantMin smallest code, or null for the dtype's
 * @param quantMax largest code, or null for the dtype's
 * @param eps the smallest scale
 * @param averagingConstant weight of the newest batch in a moving average, in (0, 1]
 * @param chAxis channel axis of per-channel observers, counted from 0
 * @param bins bins of a histogram
 * @param upsampleRate parts that a bin is split into when a histogram's range grows
 */
public record ObserverOptions(
    DType dtype,
    QScheme qscheme,
    boolean reduceRange,
    Integer quantMin,
    Integer quantMax,
    float eps,
    float averagingConstant,
    int chAxis,
    int bins,
    int upsampleRate) {
  /** float32's machine epsilon, the smallest scale unless told otherwise. */
  public static final float DEFAULT_EPS = Math.ulp(1f);

  /** quint8, affine, full range: PyTorch's defaults for activations, per tensor. */
  public static ObserverOptions perTensor() {
    return new ObserverOptions(
        DType.QUINT8,
        QScheme.PER_TENSOR_AFFINE,
        false,
        null,
        null,
        DEFAULT_EPS,
        0.01f,
        0,
        2048,
        16);
  }

  /** quint8, affine, full range, per channel. */
  public static ObserverOptions perChannel() {
    return perTensor().withQScheme(QScheme.PER_CHANNEL_AFFINE);
  }

  /** With another dtype. */
  public ObserverOptions withDType(DType value) {
    return edited(f -> f.dtype = value);
  }

  /** With another scheme. */
  public ObserverOptions withQScheme(QScheme value) {
    return edited(f -> f.qscheme = value);
  }

  /** With the range of codes halved or not. */
  public ObserverOptions withReduceRange(boolean value) {
    return edited(f -> f.reduceRange = value);
  }

  /** With a range of codes narrower than the dtype's. */
  public ObserverOptions withQuantRange(int min, int max) {
    return edited(
        f -> {
          f.quantMin = min;
          f.quantMax = max;
        });
  }

  /** With another smallest scale. */
  public ObserverOptions withEps(float value) {
    return edited(f -> f.eps = value);
  }

  /** With another weight of the newest batch. */
  public ObserverOptions withAveragingConstant(float value) {
    return edited(f -> f.averagingConstant = value);
  }

  /** With another channel axis. */
  public ObserverOptions withChAxis(int value) {
    return edited(f -> f.chAxis = value);
  }

  /** With another number of bins. */
  public ObserverOptions withBins(int value) {
    return edited(f -> f.bins = value);
  }

  /** With another upsampling rate. */
  public ObserverOptions withUpsampleRate(int value) {
    return edited(f -> f.upsampleRate = value);
  }

  private ObserverOptions edited(Consumer<Fields> change) {
    Fields f = new Fields();
    f.dtype = dtype;
    f.qscheme = qscheme;
    f.reduceRange = reduceRange;
    f.quantMin = quantMin;
    f.quantMax = quantMax;
    f.eps = eps;
    f.averagingConstant = averagingConstant;
    f.chAxis = chAxis;
    f.bins = bins;
    f.upsampleRate = upsampleRate;
    change.accept(f);
    return new ObserverOptions(
        f.dtype,
        f.qscheme,
        f.reduceRange,
        f.quantMin,
        f.quantMax,
        f.eps,
        f.averagingConstant,
        f.chAxis,
        f.bins,
        f.upsampleRate);
  }

  private static final class Fields {
    DType dtype;
    QScheme qscheme;
    boolean reduceRange;
    Integer quantMin;
    Integer quantMax;
    float eps;
    float averagingConstant;
    int chAxis;
    int bins;
    int upsampleRate;
  }
}
