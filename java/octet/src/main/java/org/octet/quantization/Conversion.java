package org.octet.quantization;

import java.util.function.Supplier;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.PlaceholderObserver;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/**
 * What a factory of {@link ModuleMappings} knows when it turns one float module into a quantized
 * one.
 */
public final class Conversion {
  private final String path;
  private final Observer activation;
  private final Supplier<? extends Observer> weightObserver;
  private QParams output;

  Conversion(String path, Observer activation, Supplier<? extends Observer> weightObserver) {
    this.path = path;
    this.activation = activation;
    this.weightObserver = weightObserver;
  }

  /** The module's path in the model. */
  public String path() {
    return path;
  }

  /** The observer of the module's output; null where the module has none, as a DeQuantStub. */
  public Observer activation() {
    return activation;
  }

  /**
   * Parameters for the module's output. Of an observer that saw nothing, which convert lets through
   * only when it was asked to: scale 1 and zero point 0.
   */
  public QParams output() {
    if (output == null) {
      output = activation.qparamsOrDefault();
    }
    return output;
  }

  /** Whether a dynamic module is to keep its input's codes to half of the range. */
  public boolean reduceRange() {
    return activation instanceof PlaceholderObserver p
        ? p.reduceRange()
        : activation instanceof FakeQuantizeBase f && f.quantMax() - f.quantMin() < 128;
  }

  /**
   * The weight's codes, with parameters from a new weight observer of the QConfig, or from the fake
   * quantizer that the weight was trained with.
   */
  public QuantizedTensor quantizeWeight(FloatTensor weight) {
    Observer observer = weightObserver.get();
    observer.observe(weight);
    return QuantizedTensor.quantize(
        weight, observer.calculateQParams(), observer.quantMin(), observer.quantMax());
  }

  /**
   * Whether the output was asked for and its observer had seen nothing but (nearly) zeros, so that
   * the scale is eps.
   */
  boolean isConstant() {
    return output != null
        && statistics() instanceof MinMaxStatistics s
        && s.isCalibrated()
        && output.scale(0) <= s.options().eps();
  }

  private Observer statistics() {
    return activation instanceof FakeQuantizeBase f ? f.observer() : activation;
  }
}
