package org.octet.backend;

/** Chooses the backend that eager execution and programs use unless they are given another. */
public final class Backends {
  private static final ThreadLocal<Backend> OVERRIDE = new ThreadLocal<>();

  private Backends() {}

  /** This thread's backend: the one of {@link #with}, else the process default ({@code -Doctet.backend}, {@code -Doctet.isa}). */
  public static Backend current() {
    Backend b = OVERRIDE.get();
    return b != null ? b : defaultBackend();
  }

  /** The process default: native where it loads, with the best instruction set or the cap of {@code -Doctet.isa}. */
  public static Backend defaultBackend() {
    return Default.BACKEND;
  }

  /** Runs {@code body} with another backend on this thread. */
  public static <T> T with(Backend backend, java.util.function.Supplier<T> body) {
    Backend before = OVERRIDE.get();
    OVERRIDE.set(backend);
    try {
      return body.get();
    } finally {
      OVERRIDE.set(before);
    }
  }

  private static final class Default {
    static final Backend BACKEND = JavaBackend.instance();
  }
}
