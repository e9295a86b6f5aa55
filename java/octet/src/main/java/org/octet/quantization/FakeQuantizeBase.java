package org.octet.quantization;

import org.octet.nn.Module;
import org.octet.quantization.observer.MovingAverageMinMaxObserver;
import org.octet.quantization.observer.Observer;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.QParams;

/**
 * Simulates quantization in a float model while it is trained: an observer, and the rounding of
 * what it watches. As an {@link Observer} itself it fits into a QConfig and where prepare attaches
 * observers.
 *
 * <p>State: fake_quant_enabled and observer_enabled (1 or 0), and the observer's under
 * activation_post_process.
 */
public abstract class FakeQuantizeBase extends Observer {
  private final Key fakeQuantEnabled;
  private final Key observerEnabled;

  /** With both parts on. */
  protected FakeQuantizeBase(Observer observer) {
    super(observer.dtype(), observer.qscheme());
    fakeQuantEnabled = buffer("fake_quant_enabled", flag(true));
    observerEnabled = buffer("observer_enabled", flag(true));
    child(ACTIVATION_POST_PROCESS, observer);
  }

  private static LongTensor flag(boolean value) {
    return LongTensor.of(new long[] {value ? 1 : 0}, 1);
  }

  private boolean isSet(Key key) {
    return ((LongTensor) getBuffer(key)).get(0) != 0;
  }

  /** The observer inside. */
  public final Observer observer() {
    return (Observer) namedChildren().get(ACTIVATION_POST_PROCESS);
  }

  /** Whether values are rounded; they pass unchanged otherwise. */
  public final boolean isFakeQuantEnabled() {
    return isSet(fakeQuantEnabled);
  }

  /** Whether statistics are taken; eval() does not change it. */
  public final boolean isObserverEnabled() {
    return isSet(observerEnabled);
  }

  /** Switches the rounding on or off. */
  public final void setFakeQuantEnabled(boolean value) {
    set(fakeQuantEnabled, flag(value));
  }

  /** Switches the statistics on or off. */
  public final void setObserverEnabled(boolean value) {
    set(observerEnabled, flag(value));
  }

  /** For {@code model.apply(FakeQuantize::enableFakeQuant)}; leaves other modules alone. */
  public static void enableFakeQuant(Module m) {
    if (m instanceof FakeQuantizeBase f) {
      f.setFakeQuantEnabled(true);
    }
  }

  /** For {@code model.apply(FakeQuantize::disableFakeQuant)}; leaves other modules alone. */
  public static void disableFakeQuant(Module m) {
    if (m instanceof FakeQuantizeBase f) {
      f.setFakeQuantEnabled(false);
    }
  }

  /** For {@code model.apply(FakeQuantize::enableObserver)}; leaves other modules alone. */
  public static void enableObserver(Module m) {
    if (m instanceof FakeQuantizeBase f) {
      f.setObserverEnabled(true);
    }
  }

  /** For {@code model.apply(FakeQuantize::disableObserver)}; leaves other modules alone. */
  public static void disableObserver(Module m) {
    if (m instanceof FakeQuantizeBase f) {
      f.setObserverEnabled(false);
    }
  }

  @Override
  public final int quantMin() {
    return observer().quantMin();
  }

  @Override
  public final int quantMax() {
    return observer().quantMax();
  }

  /** Takes the values into the statistics if the observer is on. */
  @Override
  public void observe(FloatTensor x) {
    if (isObserverEnabled()) {
      observer().observe(x);
    }
  }

  /** The observer's parameters: those that convert gives the quantized module. */
  @Override
  public QParams calculateQParams() {
    return observer().calculateQParams();
  }

  @Override
  public boolean isCalibrated() {
    return observer().isCalibrated();
  }

  /**
   * Whether the range is that of the newest tensor only (averaging_constant 1): such a fake
   * quantizer stands for parameters that are chosen when the model runs.
   */
  @Override
  public boolean isDynamic() {
    return observer() instanceof MovingAverageMinMaxObserver o
        && o.options().averagingConstant() == 1;
  }

  /** The observer inside is called by forward, not on its result. */
  @Override
  protected final boolean handlesPostProcess() {
    return true;
  }

  @Override
  protected final boolean loadsBuffersOfAnyShape() {
    return true;
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + observer()
        + ", codes "
        + quantMin()
        + " to "
        + quantMax()
        + ")";
  }
}
