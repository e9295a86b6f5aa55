package org.octet.backend.twin;

import java.nio.ByteBuffer;
import org.octet.tensor.Storage;

/**
 * A place in memory, copied to and from heap arrays in bulk: C2 vectorises loops over arrays, not
 * over buffers.
 */
public final class Memory {
  private final ByteBuffer buffer;

  private Memory(ByteBuffer buffer) {
    this.buffer = buffer;
  }

  /** Byte {@code offset} of a storage and all that follows; null for null. */
  public static Memory of(Storage storage, long offset) {
    if (storage == null) {
      return null;
    }
    // The offset need not be a multiple of the element size.
    return new Memory(storage.view(offset, storage.bytes() - offset));
  }

  byte[] bytes(int n) {
    byte[] a = new byte[n];
    buffer.duplicate().get(a);
    return a;
  }

  float[] floats(int n) {
    float[] a = new float[n];
    buffer.asFloatBuffer().get(a);
    return a;
  }

  int[] ints(int n) {
    int[] a = new int[n];
    buffer.asIntBuffer().get(a);
    return a;
  }

  void put(byte[] values) {
    buffer.duplicate().put(values);
  }

  void put(float[] values) {
    buffer.asFloatBuffer().put(values);
  }

  void put(int[] values) {
    buffer.asIntBuffer().put(values);
  }
}
