package org.octet.backend;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * The few calls that every JVM has and old Android lacks, each with a fallback that gives the same
 * results. All other code keeps to Android 8 (API 26), and the build checks that it does.
 *
 * <p>What is there is found out once. A newer call stands in a class of its own, which is loaded
 * only where it can run, and the choice is a constant to the JIT.
 */
public final class Platform {
  /** For tests: -Doctet.platform=android26 takes the fallbacks, whatever is there. */
  private static final boolean OLD = "android26".equals(System.getProperty("octet.platform"));

  static final boolean BULK = !OLD && hasBulk();
  static final boolean LOGGER = !OLD && hasLogger();

  /**
   * Also false where Math.fma is there but does not run on the hardware: x86 without FMA, where the
   * JVM goes through BigDecimal. The bits are the same, so a measured choice is harmless.
   */
  static final boolean FAST_FMA = !OLD && fastFma();

  /** Marks the classes that the check against Android's API passes over. */
  @Retention(RetentionPolicy.CLASS)
  @Target(ElementType.TYPE)
  private @interface Newer {}

  private Platform() {}

  // ---- fma
  // -------------------------------------------------------------------------------------------------

  /** {@code a * b + c}, rounded once. Android has Math.fma from version 13 on. */
  public static float fma(float a, float b, float c) {
    return FAST_FMA ? Fma.fma(a, b, c) : fmaByHand(a, b, c);
  }

  @Newer
  static final class Fma {
    private Fma() {}

    static float fma(float a, float b, float c) {
      return Math.fma(a, b, c);
    }
  }

  static float fmaByHand(float a, float b, float c) {
    // The product of two floats is exact in double. The sum is rounded to odd (Boldo and
    // Melquiond), which makes the second rounding, to float, harmless.
    double product = (double) a * b;
    double sum = product + c;
    if (sum - sum != 0) {
      return (float) sum; // infinity or NaN
    }
    double part = sum - product;
    double error = (product - (sum - part)) + (c - part);
    long bits = Double.doubleToRawLongBits(sum);
    if (error == 0 || (bits & 1) != 0) {
      return (float) sum;
    }
    return (float) Double.longBitsToDouble((error > 0) == (sum > 0) ? bits + 1 : bits - 1);
  }

  private static boolean fastFma() {
    try {
      long best = Long.MAX_VALUE;
      float sum = 0;
      for (int round = 0; round < 5; round++) {
        long start = System.nanoTime();
        for (int i = 0; i < 64; i++) {
          sum = Fma.fma(sum, 0.5f, i + 0.1f);
        }
        best = Math.min(best, System.nanoTime() - start);
      }
      // Interpreted, the intrinsic takes about 0.05 us a call and BigDecimal more than 1 us.
      return best < 64 * 500 && sum > 0;
    } catch (LinkageError e) {
      return false;
    }
  }

  // ---- absolute access in bulk, which many threads may do on one buffer
  // -------------------------------------------------------------------------------------------------

  /**
   * {@code from.get(at, to, start, n)}; the buffer's position does not matter and does not move.
   *
   * @throws IndexOutOfBoundsException beyond the limit of the buffer or the end of the array
   */
  public static void get(FloatBuffer from, int at, float[] to, int start, int n) {
    if (BULK) {
      Bulk.get(from, at, to, start, n);
    } else {
      getByView(from, at, to, start, n);
    }
  }

  /**
   * {@code to.put(at, from, start, n)}; the buffer's position does not matter and does not move.
   *
   * @throws IndexOutOfBoundsException beyond the limit of the buffer or the end of the array
   * @throws java.nio.ReadOnlyBufferException if the buffer is read-only
   */
  public static void put(FloatBuffer to, int at, float[] from, int start, int n) {
    if (BULK) {
      Bulk.put(to, at, from, start, n);
    } else {
      putByView(to, at, from, start, n);
    }
  }

  /** As {@link #get(FloatBuffer, int, float[], int, int)}. */
  public static void get(IntBuffer from, int at, int[] to, int start, int n) {
    if (BULK) {
      Bulk.get(from, at, to, start, n);
    } else {
      getByView(from, at, to, start, n);
    }
  }

  /** As {@link #put(FloatBuffer, int, float[], int, int)}. */
  public static void put(IntBuffer to, int at, int[] from, int start, int n) {
    if (BULK) {
      Bulk.put(to, at, from, start, n);
    } else {
      putByView(to, at, from, start, n);
    }
  }

  @Newer
  static final class Bulk {
    private Bulk() {}

    static void get(FloatBuffer from, int at, float[] to, int start, int n) {
      from.get(at, to, start, n);
    }

    static void put(FloatBuffer to, int at, float[] from, int start, int n) {
      to.put(at, from, start, n);
    }

    static void get(IntBuffer from, int at, int[] to, int start, int n) {
      from.get(at, to, start, n);
    }

    static void put(IntBuffer to, int at, int[] from, int start, int n) {
      to.put(at, from, start, n);
    }
  }

  private static boolean hasBulk() {
    try {
      Bulk.get(FloatBuffer.allocate(1), 0, new float[1], 0, 1);
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }

  static void getByView(FloatBuffer from, int at, float[] to, int start, int n) {
    FloatBuffer view = from.duplicate();
    move(view, at, n);
    view.get(to, start, n);
  }

  static void putByView(FloatBuffer to, int at, float[] from, int start, int n) {
    FloatBuffer view = to.duplicate();
    move(view, at, n);
    view.put(from, start, n);
  }

  static void getByView(IntBuffer from, int at, int[] to, int start, int n) {
    IntBuffer view = from.duplicate();
    move(view, at, n);
    view.get(to, start, n);
  }

  static void putByView(IntBuffer to, int at, int[] from, int start, int n) {
    IntBuffer view = to.duplicate();
    move(view, at, n);
    view.put(from, start, n);
  }

  /** By the type that old Android declares it in; a FloatBuffer's own position came later. */
  private static void move(Buffer view, int at, int n) {
    if (at < 0 || n < 0 || n > view.limit() - at) {
      throw new IndexOutOfBoundsException(
          n + " elements at " + at + " of a buffer with limit " + view.limit());
    }
    view.position(at);
  }

  // ---- logging
  // -------------------------------------------------------------------------------------------------

  /**
   * Logs a warning: on System.Logger, or java.util.logging where that is missing, as on every
   * Android.
   */
  public static void warn(String logger, String message) {
    if (LOGGER) {
      NewLogger.warn(logger, message);
    } else {
      OldLogger.warn(logger, message);
    }
  }

  @Newer
  static final class NewLogger {
    private NewLogger() {}

    static int severity() {
      return System.Logger.Level.WARNING.getSeverity();
    }

    static void warn(String logger, String message) {
      System.getLogger(logger).log(System.Logger.Level.WARNING, message);
    }
  }

  private static boolean hasLogger() {
    try {
      // The class is enough; the application's logging is not to be set up yet.
      return NewLogger.severity() > 0;
    } catch (LinkageError e) {
      return false;
    }
  }

  /** Apart, so that a JVM without the module java.logging never looks for it. */
  static final class OldLogger {
    private OldLogger() {}

    static void warn(String logger, String message) {
      java.util.logging.Logger.getLogger(logger).warning(message);
    }
  }
}
