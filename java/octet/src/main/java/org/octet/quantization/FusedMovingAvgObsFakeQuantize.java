package org.octet.quantization;

import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.ObserverException;
import org.octet.quantization.observer.ObserverFactory;
import org.octet.tensor.ChooseQParams;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * A {@link FakeQuantize} over a minimum and maximum whose parameters are computed where they are
 * used: as long as it rounds they follow from the statistics, also while the observer is off, and
 * while it does not round scale and zero_point stay as they are (PyTorch's fused one). Minimum and
 * maximum, their average, the parameters and the rounding are one call of the backend.
 */
public final class FusedMovingAvgObsFakeQuantize extends FakeQuantize {
  private final QParamsRule rule;

  /**
   * With an observer of its own.
   *
   * @throws ObserverException if the observer keeps no minimum and maximum
   */
  public FusedMovingAvgObsFakeQuantize(Observer observer, QParamsRule rule) {
    super(observer);
    if (!(observer instanceof MinMaxStatistics)) {
      throw new ObserverException(
          "FusedMovingAvgObsFakeQuantize got a "
              + observer
              + "; expected an observer of minimum and maximum, such as"
              + " MovingAverageMinMaxObserver, or use FakeQuantize.");
    }
    this.rule = rule;
  }

  /** A factory (PyTorch's with_args) of fake quantizers with observers of that factory. */
  public static FakeQuantizeFactory withArgs(ObserverFactory observer) {
    return FakeQuantizeFactory.of(
        "FusedMovingAvgObsFakeQuantize", FusedMovingAvgObsFakeQuantize::new, observer);
  }

  /** How parameters follow from the statistics while training. */
  public QParamsRule rule() {
    return rule;
  }

  /** Takes the values into the statistics if the observer is on. */
  @Override
  public void observe(FloatTensor x) {
    if (isObserverEnabled()) {
      observer().observe(x);
    }
  }

  @Override
  public Tensor forward(Tensor... in) {
    if (in[0] instanceof FloatTensor x && !x.isAbstract()) {
      if (roundsInOnePass(x) && (isObserverEnabled() || isCalibrated())) {
        return observeAndRound(x, isObserverEnabled(), rule);
      }
      observe(x);
    }
    if (!isFakeQuantEnabled()) {
      return in[0];
    }
    if (isCalibrated()) {
      use(rule == QParamsRule.TORCH ? kernelQParams() : calculateQParams());
    }
    return round(in[0]);
  }

  private QParams kernelQParams() {
    MinMaxStatistics s = (MinMaxStatistics) observer();
    float[] min = s.minVal().toArray();
    float[] max = s.maxVal().toArray();
    float[] scales = new float[min.length];
    int[] zeroPoints = new int[min.length];
    for (int i = 0; i < min.length; i++) {
      ChooseQParams q =
          ChooseQParams.of(min[i], max[i], quantMin(), quantMax(), qscheme().isSymmetric(), false);
      scales[i] = q.scale();
      zeroPoints[i] = q.zeroPoint();
    }
    return qscheme().isPerChannel()
        ? QParams.perChannel(scales, zeroPoints, s.options().chAxis(), dtype())
        : QParams.perTensor(scales[0], zeroPoints[0], dtype());
  }
}
