package org.octet.nn.intrinsic.qat;

import org.octet.nn.BatchNorm;
import org.octet.nn.Module;

/**
 * A layer for quantization-aware training with batch normalisation folded into its weight, as the
 * deployed layer will have it: with {@code k = gamma / sqrt(running_var + eps)}, of before this
 * batch, {@code y = layer(x, fake_quant(w * k)) / k + b}, then the batch normalisation of y.
 * Gradients flow through k to gamma.
 *
 * <p>Where a gamma is 0 the quotient is NaN; {@link #setSlowPath} has none.
 */
public interface FoldsBatchNorm {
  /** The batch normalisation. */
  BatchNorm bn();

  /**
   * Whether the batch's statistics come from a second run of the layer with its weight as it is,
   * and {@code y = layer(x, fake_quant(w * k)) * sqrt(running_var + eps) / sqrt(var + eps) + beta -
   * gamma * mean / sqrt(var + eps)}: about twice the time, and safe where gamma is 0. Off at the
   * start.
   */
  void setSlowPath(boolean value);

  /**
   * Freezes the running statistics, which then normalise also in training mode; {@code train()}
   * does not change it.
   */
  default void freezeBnStats() {
    bn().freezeStats();
  }

  /** Ends {@link #freezeBnStats()}. */
  default void updateBnStats() {
    bn().updateStats();
  }

  /** For {@code model.apply(FoldsBatchNorm::freezeBnStats)}; leaves other modules alone. */
  static void freezeBnStats(Module m) {
    if (m instanceof FoldsBatchNorm f) {
      f.freezeBnStats();
    }
  }

  /** For {@code model.apply(FoldsBatchNorm::updateBnStats)}; leaves other modules alone. */
  static void updateBnStats(Module m) {
    if (m instanceof FoldsBatchNorm f) {
      f.updateBnStats();
    }
  }
}
