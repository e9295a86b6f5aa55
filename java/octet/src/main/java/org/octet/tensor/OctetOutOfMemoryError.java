package org.octet.tensor;

/** Native memory for tensors is used up, or the budget of -Doctet.memory is. */
public class OctetOutOfMemoryError extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public OctetOutOfMemoryError(String message) {
    super(message);
  }
}
