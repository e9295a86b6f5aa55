package org.octet.backend;

/**
 * Finds the {@link Blas} for training: OpenBLAS where {@code org.bytedeco:openblas} is on the class
 * path and loads, else plain Java. {@code -Doctet.blas=openblas|java} decides otherwise.
 */
public final class Blases {
  private Blases() {}

  /**
   * The one to use; OpenBLAS is loaded at the first call.
   *
   * @throws BackendException if {@code -Doctet.blas} is unknown, or demands an OpenBLAS that does
   *     not load
   */
  public static Blas current() {
    return Default.BLAS;
  }

  /** Plain Java. */
  public static Blas java() {
    return new JavaBlas();
  }

  private static Blas load() {
    String wanted = System.getProperty("octet.blas", "");
    switch (wanted) {
      case "java":
        return java();
      case "", "openblas":
        try {
          return new OpenBlas();
        } catch (LinkageError | RuntimeException e) {
          if (wanted.isEmpty()) {
            return java();
          }
          throw new BackendException(
              "-Doctet.blas=openblas was asked for, but OpenBLAS does not load ("
                  + e
                  + "). Add org.bytedeco:openblas and its platform jar, or leave the option out.");
        }
      default:
        throw new BackendException(
            "-Doctet.blas is \"" + wanted + "\"; expected openblas or java.");
    }
  }

  private static final class Default {
    static final Blas BLAS = load();
  }
}
