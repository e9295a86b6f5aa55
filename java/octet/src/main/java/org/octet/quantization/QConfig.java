package org.octet.quantization;

import java.util.Objects;
import java.util.function.Supplier;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.ObserverFactory;
import org.octet.tensor.OctetException;

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

  /**
   * This with weights of 2 to 8 bits: the weight observer's or fake quantizer's codes are {@code
   * -2^(bits-1)} to {@code 2^(bits-1) - 1}, in int8 storage.
   *
   * @throws OctetException if {@code bits} is not 2 to 8, or the weight supplier is of the user's
   *     own kind
   */
  public QConfig weightBits(int bits) {
    if (bits < 2 || bits > 8) {
      throw new OctetException("weightBits got " + bits + "; expected 2 to 8 bits.");
    }
    int half = 1 << (bits - 1);
    if (weight instanceof ObserverFactory f) {
      return new QConfig(activation, f.quantRange(-half, half - 1));
    }
    if (weight instanceof FakeQuantizeFactory f) {
      return new QConfig(activation, f.quantRange(-half, half - 1));
    }
    throw new OctetException(
        "weightBits cannot change the weight supplier "
            + weight
            + "; expected an ObserverFactory or a FakeQuantizeFactory. Give yours quant_min "
            + -half
            + " and quant_max "
            + (half - 1)
            + " yourself.");
  }

  /** Whether weights are quantized in rows with float zero points, as tables of embeddings are. */
  boolean isForEmbeddings() {
    return weight.get().qscheme().hasFloatZeroPoints();
  }

  /** This with fused fake quantizers that choose their parameters by {@code rule}. */
  public QConfig rule(QParamsRule rule) {
    return new QConfig(rule(activation, rule), rule(weight, rule));
  }

  private static Supplier<? extends Observer> rule(
      Supplier<? extends Observer> supplier, QParamsRule rule) {
    return supplier instanceof FakeQuantizeFactory f ? f.rule(rule) : supplier;
  }
}
