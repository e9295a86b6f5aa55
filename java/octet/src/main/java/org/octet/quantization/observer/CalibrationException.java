package org.octet.quantization.observer;

import org.octet.tensor.OctetException;

/** Calibration data is unusable (NaN, more than one channel count), or there was none. */
public class CalibrationException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public CalibrationException(String message) {
    super(message);
  }
}
