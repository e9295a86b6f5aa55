package org.octet.quantization.observer;

import org.octet.ops.ObservedFakeQuantizeOp;
import org.octet.tensor.FloatTensor;

/** Keeps the smallest and largest value of all tensors seen. Per tensor. */
public final class MinMaxObserver extends MinMaxStatistics {
  /** An observer with the given options. */
  public MinMaxObserver(ObserverOptions options) {
    super(require(options, false, "MinMaxObserver"));
  }

  /** A factory with PyTorch's defaults: quint8, per_tensor_affine. */
  public static ObserverFactory withArgs() {
    return ObserverFactory.of("MinMaxObserver", MinMaxObserver::new, ObserverOptions.perTensor());
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
