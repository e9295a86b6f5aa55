package org.octet.quantization;

import org.octet.tensor.OctetException;

/** An engine's name is unknown. */
public class EngineException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public EngineException(String message) {
    super(message);
  }
}
