package org.octet.quantization.observer;

import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;

/**
 * Parameters that are known beforehand, for outputs with a fixed range (sigmoid, tanh, softmax).
 * Per tensor.
 */
public final class FixedQParamsObserver extends Observer {
  private final QParams qparams;

  /**
   * An observer that answers {@code scale} and {@code zeroPoint}.
   *
   * @throws org.octet.tensor.QParamsException if they are illegal
   */
  public FixedQParamsObserver(double scale, int zeroPoint, DType dtype) {
    super(dtype, QScheme.PER_TENSOR_AFFINE);
    this.qparams = QParams.perTensor(scale, zeroPoint, dtype);
  }

  /** Ignores the values. */
  @Override
  public void observe(FloatTensor x) {}

  @Override
  public QParams calculateQParams() {
    return qparams;
  }

  @Override
  public boolean isCalibrated() {
    return true;
  }
}
