package org.octet.quantization.observer;

import org.octet.ops.ObservedFakeQuantizeOp;
import org.octet.tensor.FloatTensor;

/** Keeps the smallest and largest value for each index of {@code ch_axis}. */
public final class PerChannelMinMaxObserver extends MinMaxStatistics {
  /** An observer with the given options. */
  public PerChannelMinMaxObserver(ObserverOptions options) {
    super(require(options, true, "PerChannelMinMaxObserver"));
  }

  /** A factory with PyTorch's defaults: quint8, per_channel_affine, axis 0. */
  public static ObserverFactory withArgs() {
    return ObserverFactory.of(
        "PerChannelMinMaxObserver", PerChannelMinMaxObserver::new, ObserverOptions.perChannel());
  }

  @Override
  public void observe(FloatTensor x) {
    update(x, MinMax::widen);
  }

  @Override
  ObservedFakeQuantizeOp.Observe observation() {
    return ObservedFakeQuantizeOp.Observe.RUNNING;
  }
}
