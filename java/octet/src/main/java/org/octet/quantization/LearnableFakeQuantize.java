package org.octet.quantization;

import org.octet.ops.LearnableFakeQuantizeOp;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.ObserverFactory;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.Tensor;

/**
 * A fake quantizer whose scale and zero point are trained like weights (LSQ). It starts by
 * following its observer ({@link #enableStaticEstimate}); after {@link #enableParamLearning} the
 * parameters {@code scale} and {@code zero_point} have gradients.
 *
 * <p>Per channel the number of channels is known after the first forward; give the parameters to an
 * optimizer after it.
 */
public final class LearnableFakeQuantize extends FakeQuantizeBase {
  private final Key scale;
  private final Key zeroPoint;
  private final Key learningEnabled;
  private final boolean useGradScaling;

  /**
   * With an observer of its own.
   *
   * @param useGradScaling whether gradients of scale and zero point are multiplied by {@code 1 /
   *     sqrt(numel * quantMax)}
   */
  public LearnableFakeQuantize(Observer observer, boolean useGradScaling) {
    super(observer);
    this.useGradScaling = useGradScaling;
    learningEnabled = buffer("learning_enabled", LongTensor.of(new long[] {0}, 1));
    scale = param("scale", FloatTensor.of(new float[] {1f}, 1));
    zeroPoint = param("zero_point", FloatTensor.of(new float[] {0f}, 1));
    enableStaticEstimate();
  }

  /** A factory of such fake quantizers with observers of that factory. */
  public static FakeQuantizeFactory withArgs(ObserverFactory observer, boolean useGradScaling) {
    return FakeQuantizeFactory.of(
        "LearnableFakeQuantize",
        (o, rule) -> new LearnableFakeQuantize(o, useGradScaling),
        observer);
  }

  /** Scale and zero point are trained and no longer follow the observer. */
  public LearnableFakeQuantize enableParamLearning() {
    return mode(true, true, false);
  }

  /** Scale and zero point follow the observer and are used. */
  public LearnableFakeQuantize enableStaticEstimate() {
    return mode(false, true, true);
  }

  /** Scale and zero point follow the observer, but values pass unchanged. */
  public LearnableFakeQuantize enableStaticObservation() {
    return mode(false, false, true);
  }

  private LearnableFakeQuantize mode(boolean learn, boolean fakeQuant, boolean observe) {
    set(learningEnabled, LongTensor.of(new long[] {learn ? 1 : 0}, 1));
    scale().requiresGrad(learn);
    zeroPoint().requiresGrad(learn);
    setFakeQuantEnabled(fakeQuant);
    setObserverEnabled(observe);
    return this;
  }

  /** The scale, [1] or one a channel. */
  public FloatTensor scale() {
    return get(scale);
  }

  /** The zero point, a real number that forward rounds; [1] or one a channel. */
  public FloatTensor zeroPoint() {
    return get(zeroPoint);
  }

  private boolean isLearning() {
    return ((LongTensor) getBuffer(learningEnabled)).get(0) != 0;
  }

  /** No: the parameters are learned, whatever the observer does to find their first values. */
  @Override
  public boolean isDynamic() {
    return false;
  }

  @Override
  public void observe(FloatTensor x) {
    super.observe(x);
    if (isObserverEnabled() && isCalibrated()) {
      QParams q = observer().calculateQParams();
      float[] z = new float[q.count()];
      for (int i = 0; i < z.length; i++) {
        z[i] = q.zeroPoint(i);
      }
      store(scale, q.scales());
      store(zeroPoint, z);
    }
  }

  private void store(Key key, float[] values) {
    if (get(key).numel() == values.length) {
      get(key).copyFrom(values);
    } else {
      set(key, FloatTensor.of(values, values.length).requiresGrad(isLearning()));
    }
  }

  @Override
  public Tensor forward(Tensor... in) {
    if (in[0] instanceof FloatTensor x && !x.isAbstract()) {
      observe(x);
    }
    if (!isObserverEnabled()) {
      float[] s = scale().toArray();
      for (int i = 0; i < s.length; i++) {
        s[i] = Math.max(s[i], eps());
      }
      scale().copyFrom(s);
    }
    if (!isFakeQuantEnabled()) {
      return in[0];
    }
    if (qscheme().isSymmetric()) {
      zeroPoint().fill(0f);
    }
    if (in[0].isAbstract()) {
      return FakeQuantize.round(calculateQParams(), quantMin(), quantMax(), in[0]);
    }
    float factor =
        useGradScaling ? (float) (1 / Math.sqrt((double) in[0].numel() * quantMax())) : 1f;
    return new LearnableFakeQuantizeOp(axis(), quantMin(), quantMax(), factor)
        .apply(in[0], scale(), zeroPoint());
  }

  private int axis() {
    return qscheme().isPerChannel() ? ((MinMaxStatistics) observer()).options().chAxis() : -1;
  }

  private float eps() {
    return observer() instanceof MinMaxStatistics s ? s.options().eps() : Float.MIN_NORMAL;
  }

  /** The trained parameters, the zero point rounded and in range. */
  @Override
  public QParams calculateQParams() {
    float[] s = scale().toArray();
    float[] z = zeroPoint().toArray();
    int[] zeroPoints = new int[z.length];
    for (int i = 0; i < s.length; i++) {
      s[i] = Math.max(s[i], eps());
      // An optimizer may have moved a symmetric one since forward set it to 0.
      double rounded = qscheme().isSymmetric() ? 0 : Math.rint(z[i]);
      zeroPoints[i] = (int) Math.min(Math.max(rounded, quantMin()), quantMax());
    }
    return axis() < 0
        ? QParams.perTensor(s[0], zeroPoints[0], dtype())
        : QParams.perChannel(s, zeroPoints, axis(), dtype());
  }
}
