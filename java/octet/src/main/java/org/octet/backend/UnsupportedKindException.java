package org.octet.backend;

/** The native library does not have an operator of this kind. */
public class UnsupportedKindException extends BackendException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception; see {@link org.octet.tensor.OctetException} for the form of the message.
   */
  public UnsupportedKindException(String message) {
    super(message);
  }
}
