package org.octet.quantization.observer;

import java.util.function.Consumer;
import org.octet.ops.Interpreter;
import org.octet.ops.ObservedFakeQuantizeOp;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;
import org.octet.tensor.Tensor;

/**
 * Base of the observers that keep a minimum and a maximum, for the whole tensor or for each
 * channel, in the buffers {@code min_val} and {@code max_val}; the parameters follow from these by
 * one rule (PyTorch's UniformQuantizationObserverBase).
 */
public abstract class MinMaxStatistics extends Observer {
  private final ObserverOptions options;
  private final int quantMin;
  private final int quantMax;
  private final Key minVal;
  private final Key maxVal;

  /**
   * Starts with nothing seen.
   *
   * @throws ObserverException if the options contradict each other
   */
  protected MinMaxStatistics(ObserverOptions options) {
    super(options.dtype(), options.qscheme());
    this.options = options;
    int[] range = QuantRange.resolve(options);
    this.quantMin = range[0];
    this.quantMax = range[1];
    boolean perChannel = options.qscheme().isPerChannel();
    this.minVal = buffer("min_val", initial(perChannel, Float.POSITIVE_INFINITY));
    this.maxVal = buffer("max_val", initial(perChannel, Float.NEGATIVE_INFINITY));
  }

  private static FloatTensor initial(boolean perChannel, float value) {
    return perChannel ? FloatTensor.of(new float[0], 0) : FloatTensor.of(new float[] {value});
  }

  /** The options that this was made with. */
  public final ObserverOptions options() {
    return options;
  }

  @Override
  public final int quantMin() {
    return quantMin;
  }

  @Override
  public final int quantMax() {
    return quantMax;
  }

  /**
   * The minimum so far: a scalar (+inf if nothing was seen), or one a channel (empty if nothing was
   * seen).
   */
  public final FloatTensor minVal() {
    return get(minVal);
  }

  /**
   * The maximum so far: a scalar (-inf if nothing was seen), or one a channel (empty if nothing was
   * seen).
   */
  public final FloatTensor maxVal() {
    return get(maxVal);
  }

  /** How a tensor changes the statistics, where the backend can do it; NO where it cannot. */
  ObservedFakeQuantizeOp.Observe observation() {
    return ObservedFakeQuantizeOp.Observe.NO;
  }

  /** Whether {@link #observeAndRound} does what {@link #observe} and rounding would do. */
  public final boolean roundsInOnePass(FloatTensor x) {
    int z = symmetricZeroPoint();
    int channels = qscheme().isPerChannel() ? options.chAxis() : -1;
    return observation() != ObservedFakeQuantizeOp.Observe.NO
        && x.numel() > 0
        && channels < x.shape().rank()
        && quantMax - quantMin <= 0xffff
        && (!qscheme().isSymmetric() || (z >= quantMin && z <= quantMax));
  }

  /**
   * Takes a tensor into the statistics, chooses parameters by {@code rule} and rounds the tensor
   * with them, in one call of the backend, through the current interpreter.
   *
   * @param observe whether statistics change
   * @param used receives the parameters
   * @return {@code x} rounded
   * @throws CalibrationException as {@link #observe} and {@link #calculateQParams} do
   */
  public final Tensor observeAndRound(
      FloatTensor x, boolean observe, ObservedFakeQuantizeOp.Rule rule, Consumer<QParams> used) {
    int axis = qscheme().isPerChannel() ? options.chAxis() : -1;
    int channels = axis < 0 ? 1 : x.size(axis);
    boolean known = isCalibrated();
    if (known) {
      requireChannels(x, channels, axis);
    }
    float[] min = known ? minVal().toArray() : null;
    float[] max = known ? maxVal().toArray() : null;
    float[] state = new float[4 * channels];
    for (int c = 0; c < channels; c++) {
      state[4 * c] = known ? min[c] : Float.POSITIVE_INFINITY;
      state[4 * c + 1] = known ? max[c] : Float.NEGATIVE_INFINITY;
      state[4 * c + 2] = 1f;
    }
    ObservedFakeQuantizeOp op =
        new ObservedFakeQuantizeOp(
            new ObservedFakeQuantizeOp.Options(
                axis,
                quantMin,
                quantMax,
                observe ? observation() : ObservedFakeQuantizeOp.Observe.NO,
                options.averagingConstant(),
                rule,
                qscheme().isSymmetric(),
                symmetricZeroPoint(),
                options.eps()));
    Tensor[] out;
    try (FloatTensor before = FloatTensor.of(state, channels, 4)) {
      out = op.applyAll(x, before);
    }
    float[] after = ((FloatTensor) out[1]).toArray();
    if (Interpreter.current() == Interpreter.EAGER) {
      out[1].close(); // a tape needs it, and closes it
    }
    used.accept(accept(x, after));
    return out[0];
  }

  /** Takes over a new state, {min, max, scale, zero point} a channel; returns its parameters. */
  private QParams accept(FloatTensor x, float[] state) {
    int n = state.length / 4;
    float[] min = new float[n];
    float[] max = new float[n];
    float[] scales = new float[n];
    int[] zeroPoints = new int[n];
    int nan = -1;
    boolean finite = true;
    for (int c = 0; c < n; c++) {
      min[c] = state[4 * c];
      max[c] = state[4 * c + 1];
      scales[c] = state[4 * c + 2];
      zeroPoints[c] = (int) state[4 * c + 3];
      nan = nan < 0 && min[c] != min[c] ? c : nan;
      finite &= min[c] <= max[c] && !Float.isInfinite(min[c]) && !Float.isInfinite(max[c]);
    }
    new MinMax(min, max, nan).requireNoNaN(x);
    setRange(min, max);
    if (!finite) {
      return calculateQParams(); // throws and says why
    }
    return qparams(scales, zeroPoints);
  }

  private QParams qparams(float[] scales, int[] zeroPoints) {
    return qscheme().isPerChannel()
        ? QParams.perChannel(scales, zeroPoints, options.chAxis(), dtype())
        : QParams.perTensor(scales[0], zeroPoints[0], dtype());
  }

  private void requireChannels(FloatTensor x, int channels, int axis) {
    if (minVal().numel() != channels) {
      throw new CalibrationException(
          "The observer of {module} got a tensor "
              + x.shape()
              + " with "
              + channels
              + " channels on axis "
              + axis
              + ", but had seen "
              + minVal().numel()
              + "; calibrate with batches of one channel count.");
    }
  }

  /** Replaces the statistics: one value each per tensor, one a channel otherwise. */
  protected final void setRange(float[] min, float[] max) {
    store(minVal, min);
    store(maxVal, max);
  }

  private void store(Key key, float[] values) {
    if (get(key).numel() == values.length) {
      get(key).copyFrom(values);
    } else {
      set(key, FloatTensor.of(values, values.length));
    }
  }

  /**
   * How the minimum and maximum of a batch change those so far: {@code known} has the new values at
   * the end.
   */
  interface Merge {
    void merge(float[] known, float[] batch, boolean minimum);
  }

  /** Takes a batch into minimum and maximum; the first one is taken as it is. */
  final void update(FloatTensor x, Merge merge) {
    if (x.numel() == 0) {
      return;
    }
    boolean perChannel = qscheme().isPerChannel();
    int axis = perChannel ? x.shape().normalizeAxis(options.chAxis()) : -1;
    MinMax batch = MinMax.of(x, axis);
    batch.requireNoNaN(x);
    if (!isCalibrated()) {
      setRange(batch.min(), batch.max());
      return;
    }
    requireChannels(x, batch.min().length, axis);
    float[] min = minVal().toArray();
    float[] max = maxVal().toArray();
    merge.merge(min, batch.min(), true);
    merge.merge(max, batch.max(), false);
    setRange(min, max);
  }

  @Override
  public final boolean isCalibrated() {
    return minVal().numel() > 0
        && !(minVal().borrow().get(0) == Float.POSITIVE_INFINITY
            && maxVal().borrow().get(0) == Float.NEGATIVE_INFINITY);
  }

  @Override
  public QParams calculateQParams() {
    if (!isCalibrated()) {
      throw notCalibrated();
    }
    return qparamsOf(minVal().toArray(), maxVal().toArray());
  }

  /**
   * Parameters for ranges, by the observer rule in float32: zero is always inside, a scale is at
   * least eps.
   */
  protected final QParams qparamsOf(float[] min, float[] max) {
    int n = min.length;
    if (qscheme().hasFloatZeroPoints()) {
      return rows(min, max);
    }
    float[] scales = new float[n];
    int[] zeroPoints = new int[n];
    float span = (float) ((long) quantMax - quantMin);
    for (int i = 0; i < n; i++) {
      requireRange(min[i], max[i]);
      float lo = Math.min(min[i], 0f);
      float hi = Math.max(max[i], 0f);
      if (qscheme().isSymmetric()) {
        scales[i] = Math.max(Math.max(-lo, hi) / (span / 2), options.eps());
        zeroPoints[i] = symmetricZeroPoint();
      } else {
        scales[i] = Math.max((hi - lo) / span, options.eps());
        double z = (double) quantMin - Math.rint(lo / scales[i]);
        zeroPoints[i] = (int) Math.min(Math.max(z, quantMin), quantMax);
      }
    }
    return qparams(scales, zeroPoints);
  }

  private static void requireRange(float min, float max) {
    if (!(min <= max) || Float.isInfinite(min) || Float.isInfinite(max)) {
      throw new CalibrationException(
          "The observer of {module} has the range "
              + min
              + " to "
              + max
              + "; expected finite numbers in order. Look for infinities in the calibration data,"
              + " or use HistogramObserver, which leaves them out.");
    }
  }

  /** Rows of an embedding: zero need not be inside, zero points are floats. */
  private QParams rows(float[] min, float[] max) {
    float[] scales = new float[min.length];
    float[] zeroPoints = new float[min.length];
    for (int i = 0; i < min.length; i++) {
      requireRange(min[i], max[i]);
      float s = (max[i] - min[i]) / (quantMax - quantMin);
      scales[i] = s > options.eps() ? s : 1f;
      zeroPoints[i] = -min[i] / scales[i];
    }
    return QParams.perChannelFloat(scales, zeroPoints, options.chAxis(), dtype());
  }

  private int symmetricZeroPoint() {
    if (dtype() != DType.QUINT8) {
      return 0;
    }
    return options.quantMin() == null ? 128 : Math.floorDiv(quantMin + quantMax, 2);
  }

  /** Checks that the scheme is per channel, or that it is not. */
  static ObserverOptions require(ObserverOptions options, boolean perChannel, String name) {
    QScheme s = options.qscheme();
    if (s.isPerChannel() != perChannel) {
      throw new ObserverException(
          name
              + " got the scheme "
              + s.torchName()
              + "; expected "
              + (perChannel ? "per_channel" : "per_tensor")
              + "_affine or _symmetric.");
    }
    return options;
  }

  @Override
  protected final boolean loadsBuffersOfAnyShape() {
    return true;
  }
}
