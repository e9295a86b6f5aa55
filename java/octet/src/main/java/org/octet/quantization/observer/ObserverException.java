package org.octet.quantization.observer;

import org.octet.tensor.OctetException;

/** The options of an observer contradict each other or are out of range. */
public class ObserverException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public ObserverException(String message) {
    super(message);
  }
}
