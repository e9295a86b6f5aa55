package org.octet.quantization.observer;

import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;

/** Does nothing; for modules whose output is not to be quantized. */
public final class NoopObserver extends Observer {
  /** An observer without statistics. */
  public NoopObserver() {
    super(DType.FLOAT32, QScheme.PER_TENSOR_AFFINE);
  }

  /** Ignores the values. */
  @Override
  public void observe(FloatTensor x) {}

  @Override
  public boolean isCalibrated() {
    return true;
  }

  /** Always throws: there are no parameters. */
  @Override
  public QParams calculateQParams() {
    throw new CalibrationException(
        "NoopObserver of {module} has no parameters; give its QConfig an observer with statistics,"
            + " or null to leave {module} unquantized.");
  }
}
