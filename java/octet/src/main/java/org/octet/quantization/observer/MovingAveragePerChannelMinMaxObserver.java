package org.octet.quantization.observer;

import org.octet.ops.ObservedFakeQuantizeOp;
import org.octet.tensor.FloatTensor;

/** {@link MovingAverageMinMaxObserver} for each index of {@code ch_axis}. */
public final class MovingAveragePerChannelMinMaxObserver extends MinMaxStatistics {
  /** An observer with the given options. */
  public MovingAveragePerChannelMinMaxObserver(ObserverOptions options) {
    super(require(options, true, "MovingAveragePerChannelMinMaxObserver"));
  }

  /**
   * A factory with PyTorch's defaults: quint8, per_channel_affine, axis 0, averaging_constant 0.01.
   */
  public static ObserverFactory withArgs() {
    return ObserverFactory.of(
        "MovingAveragePerChannelMinMaxObserver",
        MovingAveragePerChannelMinMaxObserver::new,
        ObserverOptions.perChannel());
  }

  @Override
  public void observe(FloatTensor x) {
    update(x, MinMax.average(options().averagingConstant()));
  }

  @Override
  ObservedFakeQuantizeOp.Observe observation() {
    return ObservedFakeQuantizeOp.Observe.MOVING_AVERAGE;
  }
}
