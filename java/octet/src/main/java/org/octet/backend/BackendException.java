package org.octet.backend;

import org.octet.tensor.OctetException;

/** An unknown or unavailable backend or instruction set, or a refusal of the native library. */
public class BackendException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public BackendException(String message) {
    super(message);
  }
}
