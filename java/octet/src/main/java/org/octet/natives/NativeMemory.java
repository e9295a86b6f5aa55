package org.octet.natives;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Native allocation; used only where {@link #available()}. */
public final class NativeMemory {
  private NativeMemory() {}

  /** Whether memory can be had from the native library. */
  public static boolean available() {
    return NativeLibrary.isAvailable();
  }

  /** An address aligned to 64 bytes with 64 readable bytes past {@code bytes}, or 0 when there is no memory. */
  public static long allocate(long bytes) {
    return OctetNative.octet_alloc(bytes);
  }

  /** Frees what {@link #allocate} gave. */
  public static void free(long address) {
    OctetNative.octet_free(address);
  }

  /** A direct buffer over native memory; the caller keeps the memory alive. Byte order is the JVM's default, big-endian. */
  public static ByteBuffer buffer(long address, long bytes) {
    return new View(address, bytes).asByteBuffer().order(ByteOrder.BIG_ENDIAN);
  }

  /** A pointer that owns nothing. */
  private static final class View extends BytePointer {
    View(long address, long bytes) {
      super((Pointer) null);
      this.address = address;
      this.limit = bytes;
      this.capacity = bytes;
    }
  }
}
