package org.octet.data;

import org.octet.tensor.OctetException;

/** A data file that is missing, truncated or of another format; the message names it. */
public class DataException extends OctetException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; see {@link OctetException} for the form of the message. */
  public DataException(String message) {
    super(message);
  }

  /** Creates the exception with a cause. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
