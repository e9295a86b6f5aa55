package org.octet.tensor;

/**
 * Root of every exception that Octet throws on purpose.
 *
 * <p>The message says what was found, what was expected and what to do. While the exception travels
 * out of a model each module prepends its own name, so that the final message starts with the full
 * path, for example {@code "features.3.conv1: ..."}; {@code {module}} in the text is replaced by
 * that path.
 */
public class OctetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private String path = "";

  /** Creates an exception whose message may contain {@code {module}}. */
  public OctetException(String message) {
    super(message);
  }

  /** Creates an exception with a cause. */
  public OctetException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Prepends a module's name to the path that the message starts with; empty names are ignored. */
  public final void prependModule(String name) {
    if (!name.isEmpty()) {
      path = path.isEmpty() ? name : name + "." + path;
    }
  }

  /** The path of the module in which this happened, or an empty string outside of modules. */
  public final String modulePath() {
    return path;
  }

  @Override
  public final String getMessage() {
    String text = super.getMessage();
    String where = path.isEmpty() ? "the module" : path;
    text = text.replace("{module}", where);
    return path.isEmpty() ? text : path + ": " + text;
  }
}
