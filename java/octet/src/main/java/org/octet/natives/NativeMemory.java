package org.octet.natives;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Native allocation; used only where {@link #available()}.
 *
 * <p>Blocks of 64 KiB to 32 MiB are recycled by size class: the system's allocator maps and unmaps
 * them for every tensor, which cost training a third of its time.
 */
public final class NativeMemory {
  private static final long SMALLEST_RECYCLED = 64 << 10;
  private static final long LARGEST_RECYCLED = 32 << 20;
  private static final long MOST_KEPT = 128L << 20;
  private static final Map<Long, ArrayDeque<Long>> KEPT = new HashMap<>();
  private static long keptBytes;

  private NativeMemory() {}

  /** Whether memory can be had from the native library. */
  public static boolean available() {
    return NativeLibrary.isAvailable();
  }

  /**
   * An address aligned to 64 bytes with 64 readable bytes past {@code bytes}, or 0 when there is no
   * memory.
   */
  public static long allocate(long bytes) {
    long size = sizeClass(bytes);
    if (recycled(size)) {
      synchronized (KEPT) {
        ArrayDeque<Long> blocks = KEPT.get(size);
        if (blocks != null && !blocks.isEmpty()) {
          keptBytes -= size;
          return blocks.pop();
        }
      }
    }
    long address = OctetNative.octet_alloc(size);
    if (address == 0) {
      releaseKept();
      address = OctetNative.octet_alloc(size);
    }
    return address;
  }

  /** Frees what {@link #allocate} gave for the same number of bytes. */
  public static void free(long address, long bytes) {
    long size = sizeClass(bytes);
    if (recycled(size)) {
      synchronized (KEPT) {
        if (keptBytes + size <= MOST_KEPT) {
          KEPT.computeIfAbsent(size, k -> new ArrayDeque<>()).push(address);
          keptBytes += size;
          return;
        }
      }
    }
    OctetNative.octet_free(address);
  }

  private static boolean recycled(long size) {
    return size >= SMALLEST_RECYCLED && size <= LARGEST_RECYCLED;
  }

  /** Large blocks are rounded up by at most an eighth, so that they find each other again. */
  private static long sizeClass(long bytes) {
    if (!recycled(bytes)) {
      return bytes;
    }
    long step = Long.highestOneBit(bytes) >> 3;
    return (bytes + step - 1) / step * step;
  }

  private static void releaseKept() {
    synchronized (KEPT) {
      KEPT.values().forEach(blocks -> blocks.forEach(OctetNative::octet_free));
      KEPT.clear();
      keptBytes = 0;
    }
  }

  /**
   * A direct buffer over native memory; the caller keeps the memory alive. Byte order is the JVM's
   * default, big-endian.
   */
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
