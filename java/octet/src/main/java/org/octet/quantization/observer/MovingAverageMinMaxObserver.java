package org.octet.quantization.observer;

import org.octet.ops.ObservedFakeQuantizeOp;
import org.octet.tensor.FloatTensor;

/**
 * Moving averages of each tensor's minimum and maximum: the first tensor sets them, then {@code m
 * += averaging_constant * (new - m)}. Per tensor.
 */
public final class MovingAverageMinMaxObserver extends MinMaxStatistics {
  /** An observer with the given options. */
  public MovingAverageMinMaxObserver(ObserverOptions options) {
    super(require(options, false, "MovingAverageMinMaxObserver"));
  }

  /** A factory with PyTorch's defaults: quint8, per_tensor_affine, averaging_constant 0.01. */
  public static ObserverFactory withArgs() {
    return ObserverFactory.of(
        "MovingAverageMinMaxObserver",
        MovingAverageMinMaxObserver::new,
        ObserverOptions.perTensor());
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
