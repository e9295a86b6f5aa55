package org.octet.tensor;

/**
 * A shape, axis or index does not fit: a mismatch between operands, an axis out of range, an empty
 * tensor.
 */
public class ShapeException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public ShapeException(String message) {
    super(message);
  }
}
