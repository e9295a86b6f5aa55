package org.octet.quantization;

import java.util.Objects;
import java.util.function.Supplier;
import org.octet.quantization.observer.Observer;

/**
 * How a module is to be quantized: makers of the observers of its output and of its weight. They
 * are suppliers, never observers, since every module needs observers of its own.
 *
 * @param activation makes the observer of the output; a PlaceholderObserver asks for dynamic
 *     quantization
 * @param weight makes the observer of the weight, which convert runs; qint8 for linear and
 *     convolution
 */
public record QConfig(
    Supplier<? extends Observer> activation, Supplier<? extends Observer> weight) {
  /** Both must be there; a module that is not to be quantized has no QConfig at all. */
  public QConfig {
    Objects.requireNonNull(
        activation, "activation: use a null QConfig to leave a module unquantized");
    Objects.requireNonNull(weight, "weight: use a null QConfig to leave a module unquantized");
  }
}
