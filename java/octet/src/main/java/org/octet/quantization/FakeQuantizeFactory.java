package org.octet.quantization;

import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.ObserverFactory;

/**
 * Makes fake quantizers of one class with observers of one kind, a new one each time (PyTorch's
 * with_args). Immutable: every option returns another factory.
 *
 * <pre>{@code
 * FakeQuantizeFactory weight4 =
 *     FakeQuantize.withArgs(
 *             MovingAverageMinMaxObserver.withArgs()
 *                 .dtype(DType.QINT8)
 *                 .qscheme(QScheme.PER_TENSOR_SYMMETRIC))
 *         .quantRange(-8, 7);
 * }</pre>
 */
public final class FakeQuantizeFactory implements Supplier<FakeQuantizeBase> {
  private final String name;
  private final BiFunction<Observer, QParamsRule, ? extends FakeQuantizeBase> constructor;
  private final ObserverFactory observer;
  private final QParamsRule rule;

  private FakeQuantizeFactory(
      String name,
      BiFunction<Observer, QParamsRule, ? extends FakeQuantizeBase> constructor,
      ObserverFactory observer,
      QParamsRule rule) {
    this.name = name;
    this.constructor = constructor;
    this.observer = observer;
    this.rule = rule;
  }

  /**
   * A factory for a class of fake quantizers.
   *
   * @param name the class' name, for reports
   * @param constructor takes a new observer, and the rule, which only the fused one heeds
   */
  public static FakeQuantizeFactory of(
      String name,
      BiFunction<Observer, QParamsRule, ? extends FakeQuantizeBase> constructor,
      ObserverFactory observer) {
    return new FakeQuantizeFactory(name, constructor, observer, QParamsRule.OBSERVER);
  }

  /** The factory of the observers. */
  public ObserverFactory observer() {
    return observer;
  }

  /** With other options of the observers: {@code f.observer(o -> o.averagingConstant(1))}. */
  public FakeQuantizeFactory observer(UnaryOperator<ObserverFactory> change) {
    return new FakeQuantizeFactory(name, constructor, change.apply(observer), rule);
  }

  /** Smallest and largest code. */
  public FakeQuantizeFactory quantRange(int min, int max) {
    return observer(o -> o.quantRange(min, max));
  }

  /** How a fused fake quantizer chooses its parameters while training. */
  public FakeQuantizeFactory rule(QParamsRule value) {
    return new FakeQuantizeFactory(name, constructor, observer, value);
  }

  /** A new fake quantizer with a new observer. */
  @Override
  public FakeQuantizeBase get() {
    return constructor.apply(observer.get(), rule);
  }

  @Override
  public String toString() {
    return name + "(" + observer + ")";
  }
}
