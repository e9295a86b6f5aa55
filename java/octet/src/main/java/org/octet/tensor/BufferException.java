package org.octet.tensor;

/** A buffer that cannot be used: read-only, of foreign byte order, or of the wrong size. */
public class BufferException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public BufferException(String message) {
    super(message);
  }
}
