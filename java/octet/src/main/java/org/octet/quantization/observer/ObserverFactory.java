package org.octet.quantization.observer;

import java.util.function.Function;
import java.util.function.Supplier;
import org.octet.tensor.DType;
import org.octet.tensor.QScheme;

/**
 * Makes observers of one class with given options, a new one each time (PyTorch's with_args).
 * Immutable: every option returns another factory.
 *
 * <pre>{@code
 * ObserverFactory weight =
 *     MinMaxObserver.withArgs().dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC);
 * }</pre>
 */
public final class ObserverFactory implements Supplier<Observer> {
  private final String name;
  private final Function<ObserverOptions, ? extends Observer> constructor;
  private final ObserverOptions options;

  private ObserverFactory(
      String name,
      Function<ObserverOptions, ? extends Observer> constructor,
      ObserverOptions options) {
    this.name = name;
    this.constructor = constructor;
    this.options = options;
  }

  /**
   * A factory for an observer class.
   *
   * @param name the class' name, for reports
   * @param constructor for example {@code MinMaxObserver::new}
   */
  public static ObserverFactory of(
      String name,
      Function<ObserverOptions, ? extends Observer> constructor,
      ObserverOptions options) {
    return new ObserverFactory(name, constructor, options);
  }

  private ObserverFactory with(ObserverOptions changed) {
    return new ObserverFactory(name, constructor, changed);
  }

  /** The options that observers are made with. */
  public ObserverOptions options() {
    return options;
  }

  /** Type of the codes. */
  public ObserverFactory dtype(DType value) {
    return with(options.withDType(value));
  }

  /** Granularity and symmetry. */
  public ObserverFactory qscheme(QScheme value) {
    return with(options.withQScheme(value));
  }

  /** Whether the range of codes is halved. */
  public ObserverFactory reduceRange(boolean value) {
    return with(options.withReduceRange(value));
  }

  /** Smallest and largest code, where the dtype's range is not to be used whole. */
  public ObserverFactory quantRange(int min, int max) {
    return with(options.withQuantRange(min, max));
  }

  /** The smallest scale. */
  public ObserverFactory eps(float value) {
    return with(options.withEps(value));
  }

  /** Weight of the newest batch in a moving average, in (0, 1]. */
  public ObserverFactory averagingConstant(float value) {
    return with(options.withAveragingConstant(value));
  }

  /** Channel axis of per-channel observers. */
  public ObserverFactory chAxis(int value) {
    return with(options.withChAxis(value));
  }

  /** Bins of a histogram. */
  public ObserverFactory bins(int value) {
    return with(options.withBins(value));
  }

  /** Parts that a bin is split into when a histogram's range grows. */
  public ObserverFactory upsampleRate(int value) {
    return with(options.withUpsampleRate(value));
  }

  /**
   * A new observer.
   *
   * @throws ObserverException if the options contradict each other
   */
  @Override
  public Observer get() {
    return constructor.apply(options);
  }

  @Override
  public String toString() {
    return name + "(" + options.dtype() + ", " + options.qscheme().torchName() + ")";
  }
}
