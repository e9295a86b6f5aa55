package org.octet.tensor;

/** Use of a tensor, program or session after its close. */
public class ClosedException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public ClosedException(String message) {
    super(message);
  }
}
