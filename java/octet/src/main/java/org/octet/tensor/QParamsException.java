package org.octet.tensor;

/**
 * Illegal quantization parameters: a scale that is not finite and positive, a zero point outside
 * the dtype.
 */
public class QParamsException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public QParamsException(String message) {
    super(message);
  }
}
