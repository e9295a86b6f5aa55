package org.octet.quantization.observer;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;

/**
 * Keeps a histogram of all tensors seen and cuts its tails off where that makes the squared error
 * of quantization smaller. Per tensor. The algorithm is that of PyTorch 2.5 and torchao: infinities
 * are left out, and when the range grows the old bins are split into {@code upsample_rate} parts
 * that are counted again in the new range.
 */
public final class HistogramObserver extends MinMaxStatistics {
  private final Key histogram;

  /**
   * An observer with the given options.
   *
   * @throws ObserverException if bins or upsample_rate are not positive
   */
  public HistogramObserver(ObserverOptions options) {
    super(require(options, false, "HistogramObserver"));
    if (options.bins() < 1 || options.upsampleRate() < 1) {
      throw new ObserverException(
          "HistogramObserver got bins "
              + options.bins()
              + " and upsample_rate "
              + options.upsampleRate()
              + "; expected positive numbers.");
    }
    histogram = buffer("histogram", FloatTensor.of(new float[options.bins()], options.bins()));
  }

  /** A factory with PyTorch's defaults: quint8, per_tensor_affine, 2048 bins, upsample_rate 16. */
  public static ObserverFactory withArgs() {
    return ObserverFactory.of(
        "HistogramObserver", HistogramObserver::new, ObserverOptions.perTensor());
  }

  /**
   * The counts [bins] between {@link #minVal()} and {@link #maxVal()}; fractions where old bins
   * were split.
   */
  public FloatTensor histogram() {
    return get(histogram);
  }

  @Override
  public void observe(FloatTensor x) {
    if (x.numel() == 0) {
      return;
    }
    MinMax range = MinMax.of(x, -1);
    range.requireNoNaN(x);
    if (Float.isInfinite(range.min()[0]) || Float.isInfinite(range.max()[0])) {
      try (FloatTensor finite = Histograms.finite(x)) {
        if (finite.numel() > 0) {
          observe(finite);
        }
      }
      return;
    }
    float min = range.min()[0];
    float max = range.max()[0];
    int bins = options().bins();
    if (!isCalibrated()) {
      store(min, max, Histograms.count(x, bins, min, max));
      return;
    }
    float oldMin = minVal().item();
    float oldMax = maxVal().item();
    float newMin = Math.min(oldMin, min);
    float newMax = Math.max(oldMax, max);
    float[] counts = Histograms.count(x, bins, newMin, newMax);
    float[] old = histogram().toArray();
    if (newMin != oldMin || newMax != oldMax) {
      old = Histograms.rebin(old, oldMin, oldMax, newMin, newMax, options().upsampleRate());
    }
    for (int i = 0; i < bins; i++) {
      counts[i] = old[i] + counts[i];
    }
    store(newMin, newMax, counts);
  }

  private void store(float min, float max, float[] counts) {
    setRange(new float[] {min}, new float[] {max});
    if (histogram().numel() == counts.length) {
      histogram().copyFrom(counts);
    } else {
      set(histogram, FloatTensor.of(counts, counts.length));
    }
  }

  /** The parameters of the range that the search finds, which lies inside minimum and maximum. */
  @Override
  public QParams calculateQParams() {
    if (!isCalibrated()) {
      throw notCalibrated();
    }
    long levels = (long) dtype().quantMax() - dtype().quantMin() + 1;
    float[] range =
        Histograms.search(histogram().toArray(), minVal().item(), maxVal().item(), levels);
    return qparamsOf(new float[] {range[0]}, new float[] {range[1]});
  }
}
