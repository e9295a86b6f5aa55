package org.octet.natives;

import java.nio.ByteBuffer;

/** Native allocation; used only where {@link #available()}. */
public final class NativeMemory {
  private NativeMemory() {}

  /** Whether memory can be had from the native library. */
  public static boolean available() {
    return false;
  }

  /** An address aligned to 64 bytes with 64 readable bytes past {@code bytes}, or 0 when there is no memory. */
  public static long allocate(long bytes) {
    throw new UnsupportedOperationException("no native library");
  }

  /** Frees what {@link #allocate} gave. */
  public static void free(long address) {
    throw new UnsupportedOperationException("no native library");
  }

  /** A direct buffer over native memory; the caller keeps the memory alive. Byte order is the JVM's default, big-endian. */
  public static ByteBuffer buffer(long address, long bytes) {
    throw new UnsupportedOperationException("no native library");
  }
}
