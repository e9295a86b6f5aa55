package org.octet.quantization.observer;

import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;

/**
 * Keeps no statistics. With a quantized dtype it marks a module for dynamic quantization: the
 * parameters are chosen from every input when the model runs. With float32 it says that the
 * activation stays as it is.
 */
public final class PlaceholderObserver extends Observer {
  private final ObserverOptions options;

  /** A placeholder; of the options, dtype and reduceRange count. */
  public PlaceholderObserver(ObserverOptions options) {
    super(options.dtype(), options.qscheme());
    this.options = options;
  }

  /** A factory for quint8 codes of the full range. */
  public static ObserverFactory withArgs() {
    return ObserverFactory.of(
        "PlaceholderObserver", PlaceholderObserver::new, ObserverOptions.perTensor());
  }

  /** Whether the codes chosen at run time keep to half of the range. */
  public boolean reduceRange() {
    return options.reduceRange();
  }

  /** Ignores the values. */
  @Override
  public void observe(FloatTensor x) {}

  @Override
  public boolean isDynamic() {
    return dtype().isQuantized();
  }

  @Override
  public boolean isCalibrated() {
    return true;
  }

  /** Always throws: there are no parameters before the model runs. */
  @Override
  public QParams calculateQParams() {
    throw new CalibrationException(
        "PlaceholderObserver of {module} has no parameters; quantize {module} dynamically, or give"
            + " its QConfig an observer with statistics such as HistogramObserver.");
  }
}
