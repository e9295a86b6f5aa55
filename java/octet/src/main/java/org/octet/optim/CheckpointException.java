package org.octet.optim;

import org.octet.tensor.OctetException;

/** A checkpoint file that is missing, truncated, damaged or foreign; the message names it. */
public class CheckpointException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public CheckpointException(String message) {
    super(message);
  }

  /** Creates the exception with a cause. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
