package org.octet.tensor;

/**
 * The values of an abstract tensor were read, that is a tensor of a trace, which has a shape but no
 * data.
 */
public class AbstractTensorException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public AbstractTensorException(String message) {
    super(message);
  }
}
