package org.octet.quantization;

import java.util.function.Supplier;
import org.octet.ops.FakeQuantizeOp;
import org.octet.ops.Interpreter;
import org.octet.ops.ObservedFakeQuantizeOp.Rule;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.ObserverFactory;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * Observes a tensor, then rounds its values to those that the observer's parameters can represent;
 * the gradient passes where nothing was clamped. The clamp is the observer's range of codes.
 *
 * <p>State beside that of {@link FakeQuantizeBase}: scale (1 at the start) and zero_point (0), one
 * value or one a channel. They follow from the statistics as long as the observer is on, and are
 * frozen while it is off.
 */
public class FakeQuantize extends FakeQuantizeBase {
  private final Key scale;
  private final Key zeroPoint;

  /** With an observer of its own. */
  public FakeQuantize(Observer observer) {
    super(observer);
    scale = buffer("scale", FloatTensor.of(new float[] {1f}, 1));
    zeroPoint = buffer("zero_point", LongTensor.of(new long[] {0}, 1));
  }

  /** A factory (PyTorch's with_args) of fake quantizers with observers of that factory. */
  public static FakeQuantizeFactory withArgs(ObserverFactory observer) {
    return FakeQuantizeFactory.of("FakeQuantize", (o, rule) -> new FakeQuantize(o), observer);
  }

  /** A maker of fake quantizers with observers of any kind. */
  public static Supplier<FakeQuantize> of(Supplier<? extends Observer> observer) {
    return () -> new FakeQuantize(observer.get());
  }

  /** The scale in use, [1] or one a channel. */
  public final FloatTensor scale() {
    return get(scale);
  }

  /** The zero point in use, [1] or one a channel. */
  public final LongTensor zeroPoint() {
    return (LongTensor) getBuffer(zeroPoint);
  }

  /** Takes the values into the statistics, and their parameters into use, if the observer is on. */
  @Override
  public void observe(FloatTensor x) {
    super.observe(x);
    if (isObserverEnabled() && isCalibrated()) {
      use(calculateQParams());
    }
  }

  /** Replaces the parameters in use. */
  protected final void use(QParams q) {
    float[] scales = q.scales();
    long[] zeroPoints = new long[scales.length];
    for (int i = 0; i < scales.length; i++) {
      zeroPoints[i] = q.zeroPoint(i);
    }
    if (scale().numel() == scales.length) {
      scale().copyFrom(scales);
    } else {
      set(scale, FloatTensor.of(scales, scales.length));
    }
    set(zeroPoint, LongTensor.of(zeroPoints, zeroPoints.length));
  }

  /** Observes and rounds the one input. While tracing, statistics stay as they are. */
  @Override
  public Tensor forward(Tensor... in) {
    if (in[0] instanceof FloatTensor x && !x.isAbstract()) {
      // A class of its own may observe in its own way.
      if (getClass() == FakeQuantize.class && isObserverEnabled() && roundsInOnePass(x)) {
        return observeAndRound(x, true, QParamsRule.OBSERVER);
      }
      observe(x);
    }
    return isFakeQuantEnabled() ? round(in[0]) : in[0];
  }

  /** Whether one call of the backend can observe and round; not while tracing. */
  final boolean roundsInOnePass(FloatTensor x) {
    return isFakeQuantEnabled()
        && observer() instanceof MinMaxStatistics s
        && s.roundsInOnePass(x)
        && Interpreter.current().executes();
  }

  /** Observes, takes the parameters into use and rounds, all in one call of the backend. */
  final Tensor observeAndRound(FloatTensor x, boolean observe, QParamsRule rule) {
    return ((MinMaxStatistics) observer())
        .observeAndRound(
            x, observe, rule == QParamsRule.TORCH ? Rule.DYNAMIC : Rule.OBSERVER, this::use);
  }

  /** The values of {@code x} rounded with the parameters in use. */
  final Tensor round(Tensor x) {
    long[] z = zeroPoint().toArray();
    int[] zeroPoints = new int[z.length];
    for (int i = 0; i < z.length; i++) {
      zeroPoints[i] = (int) z[i];
    }
    return FakeQuantizeOp.of(scale().toArray(), zeroPoints, axis(), quantMin(), quantMax())
        .apply(x);
  }

  /** {@code x} rounded with the given parameters. */
  static Tensor round(QParams q, int quantMin, int quantMax, Tensor x) {
    return FakeQuantizeOp.of(q, quantMin, quantMax).apply(x);
  }

  private int axis() {
    return qscheme().isPerChannel() ? ((MinMaxStatistics) observer()).options().chAxis() : -1;
  }
}
