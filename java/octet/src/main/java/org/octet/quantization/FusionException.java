package org.octet.quantization;

import org.octet.tensor.OctetException;

/**
 * Modules cannot be fused: wrong kinds or order, training mode, unknown names, or a module that is
 * shared.
 */
public class FusionException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public FusionException(String message) {
    super(message);
  }

  /** Creates the exception with a cause. */
  public FusionException(String message, Throwable cause) {
    super(message, cause);
  }
}
