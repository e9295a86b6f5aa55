package org.octet.backend;

import java.util.function.Supplier;
import org.octet.natives.NativeLibrary;

/** Chooses the backend that eager execution and programs use unless they are given another. */
public final class Backends {
  private static final ThreadLocal<Backend> OVERRIDE = new ThreadLocal<>();
  private static volatile Backend chosen;

  private Backends() {}

  /**
   * This thread's backend: the one of {@link #with}, else the process default.
   *
   * @throws BackendException as {@link #defaultBackend}
   */
  public static Backend current() {
    Backend b = OVERRIDE.get();
    return b != null ? b : defaultBackend();
  }

  /**
   * The process default. {@code -Doctet.backend=native|java} chooses; without it native where the
   * library loads, else Java, which is said once on the logger "org.octet". {@code
   * -Doctet.isa=NAME}, or the environment's {@code OCTET_ISA}, caps the instruction set: kernels
   * come from NAME or its ancestors; without it, the best of this machine.
   *
   * @throws BackendException if a value is unknown or what it asks for is not available; the
   *     message lists the legal ones
   */
  public static Backend defaultBackend() {
    Backend b = chosen;
    if (b == null) {
      synchronized (Backends.class) {
        b = chosen;
        if (b == null) {
          b =
              choose(
                  System.getProperty("octet.backend"),
                  System.getProperty("octet.isa"),
                  System.getenv("OCTET_ISA"));
          chosen = b;
        }
      }
    }
    return b;
  }

  /** {@link #defaultBackend} for these settings; null where not set. */
  static Backend choose(String backend, String isaProperty, String isaVariable) {
    String name = backend == null ? "" : backend.trim();
    if (name.equals("java")) {
      return JavaBackend.instance();
    }
    if (!name.isEmpty() && !name.equals("native")) {
      throw new BackendException(
          "-Doctet.backend is \"" + backend + "\"; expected native or java.");
    }
    boolean fromProperty = isaProperty != null && !isaProperty.trim().isEmpty();
    String isa = fromProperty ? isaProperty.trim() : isaVariable == null ? "" : isaVariable.trim();
    if (!isa.isEmpty()) {
      try {
        return NativeBackend.of(isa);
      } catch (BackendException e) {
        throw new BackendException(
            (fromProperty ? "-Doctet.isa" : "The environment variable OCTET_ISA")
                + " cannot be met. "
                + e.getMessage());
      }
    }
    if (name.equals("native") || NativeLibrary.isAvailable()) {
      return NativeBackend.best();
    }
    Platform.warn(
        "org.octet",
        "Octet runs on its Java backend, with the same results but slowly: "
            + NativeLibrary.unavailabilityCause()
            + ". -Doctet.backend=java chooses it without this message.");
    return JavaBackend.instance();
  }

  /** Runs {@code body} with another backend on this thread; may be nested. */
  public static <T> T with(Backend backend, Supplier<T> body) {
    Backend before = OVERRIDE.get();
    OVERRIDE.set(backend);
    try {
      return body.get();
    } finally {
      if (before == null) {
        OVERRIDE.remove();
      } else {
        OVERRIDE.set(before);
      }
    }
  }
}
