package org.octet.tensor;

/**
 * A tensor of the wrong kind: float where quantized was expected, quint8 where qint8 was expected,
 * and so on.
 */
public class DTypeException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public DTypeException(String message) {
    super(message);
  }
}
