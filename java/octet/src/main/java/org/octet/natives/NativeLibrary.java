package org.octet.natives;

import org.bytedeco.javacpp.Loader;

/**
 * Whether the native library is here. It is loaded once, at the first question; {@code
 * -Doctet.backend=java} keeps it out of the process. Nothing here throws.
 */
public final class NativeLibrary {
  /** The ABI that this code was written for. */
  private static final int ABI_VERSION = 1;

  private NativeLibrary() {}

  /** Whether the functions of {@code OctetNative} can be called. */
  public static boolean isAvailable() {
    return Loaded.CAUSE == null;
  }

  /** Why not, in one sentence; null when the library is available. */
  public static String unavailabilityCause() {
    return Loaded.CAUSE;
  }

  /** Loads on first use: the holder's initialisation is the lock. */
  private static final class Loaded {
    static final String CAUSE = load();

    private static String load() {
      try {
        if ("java".equals(System.getProperty("octet.backend"))) {
          return "the native library is switched off by -Doctet.backend=java";
        }
        Loader.load(OctetNative.class);
        int version = OctetNative.octet_abi_version();
        return version == ABI_VERSION
            ? null
            : "the native library has ABI version "
                + version
                + ", this code needs "
                + ABI_VERSION
                + ": use jars of one Octet version";
      } catch (LinkageError | RuntimeException e) {
        return "the native library for " + platform() + " cannot be loaded: " + rootMessage(e);
      }
    }

    private static String platform() {
      try {
        return Loader.getPlatform();
      } catch (LinkageError | RuntimeException e) {
        return "this platform";
      }
    }

    private static String rootMessage(Throwable e) {
      Throwable root = e;
      while (root.getCause() != null && root.getCause() != root) {
        root = root.getCause();
      }
      return root.getMessage() == null ? root.toString() : root.getMessage();
    }
  }
}
