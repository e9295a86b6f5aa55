package org.octet.tensor;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.octet.natives.NativeMemory;

/**
 * A block of memory, counted by the tensors that look into it and the runs that are using it.
 *
 * <p>Native where the library is loaded (64-byte aligned, 64 readable bytes past the end), else a
 * direct {@link ByteBuffer}. Freed when the count reaches zero; what nobody released is freed after
 * the garbage collector found it.
 */
public final class Storage {
  /** Bytes that kernels may read, and never use, past the end. */
  public static final int READABLE_PAST_END = 64;

  private static final long MAX_BYTES = Integer.MAX_VALUE - READABLE_PAST_END;

  private final Block block;
  private final ByteBuffer buffer;
  private final long bytes;
  private final AtomicInteger references = new AtomicInteger(1);
  private volatile boolean handedOut;

  private Storage(Block block, ByteBuffer buffer, long bytes) {
    this.block = block;
    this.buffer = buffer;
    this.bytes = bytes;
  }

  /**
   * Allocates; contents are undefined. The new storage has one reference, the caller's.
   *
   * @param bytes 0 to 2^31 - 65
   * @throws OctetOutOfMemoryError if the budget ({@code -Doctet.memory=BYTES}) or the machine's
   *     memory is used up
   */
  public static Storage allocate(long bytes) {
    if (bytes < 0 || bytes > MAX_BYTES) {
      throw new OctetOutOfMemoryError(
          "A tensor of "
              + bytes
              + " bytes was asked for; the limit for one tensor is "
              + MAX_BYTES
              + " bytes. Use a smaller batch.");
    }
    return Block.allocate(bytes);
  }

  /** Size in bytes. */
  public long bytes() {
    return bytes;
  }

  /**
   * The whole memory, little-endian, position 0. Shared: use absolute access or {@link
   * ByteBuffer#duplicate()}. Hold a reference ({@link #acquire}) while using it: after the last
   * release the memory is gone.
   *
   * @throws ClosedException after the last release
   */
  public ByteBuffer buffer() {
    if (references.get() <= 0) {
      throw closed();
    }
    return buffer;
  }

  /**
   * Part of {@link #buffer()} with a position of its own: {@code bytes} from {@code offset} on,
   * little-endian.
   *
   * @throws ClosedException after the last release
   * @throws IllegalArgumentException if the part does not lie in the memory
   */
  public ByteBuffer view(long offset, long bytes) {
    ByteBuffer b = buffer().duplicate();
    // Before the sizes become ints, which would let a multiple of 2^32 pass.
    if (offset < 0 || bytes < 0 || offset > b.capacity() - bytes) {
      throw new IllegalArgumentException(
          "Storage of "
              + b.capacity()
              + " bytes was asked for "
              + bytes
              + " from "
              + offset
              + " on; expected a part of it.");
    }
    // By the type that old Android declares limit and position in.
    Buffer range = b;
    range.limit((int) (offset + bytes));
    range.position((int) offset);
    return b.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The native address, 0 where the native library is not loaded. The caller holds a reference
   * while using it.
   *
   * @throws ClosedException after the last release
   */
  public long address() {
    if (references.get() <= 0) {
      throw closed();
    }
    return block.address;
  }

  /**
   * Takes a reference.
   *
   * @throws ClosedException if the memory was freed already
   */
  public void acquire() {
    int n;
    do {
      n = references.get();
      if (n <= 0) {
        throw closed();
      }
    } while (!references.compareAndSet(n, n + 1));
  }

  /**
   * Says that a view of {@link #buffer()} is in the hands of a caller who may use it at any time:
   * the last release then leaves the memory to the collector, which sees when the view is gone.
   */
  void handOut() {
    handedOut = true;
  }

  /** Gives a reference back; the last one frees the memory. */
  public void release() {
    int n = references.decrementAndGet();
    if (n == 0) {
      if (!handedOut) {
        block.free();
      }
    } else if (n < 0) {
      throw new IllegalStateException("storage released more often than acquired");
    }
  }

  private static ClosedException closed() {
    return new ClosedException(
        "The tensor's memory was freed: it was closed, or its TensorScope was. Keep it with TensorScope.keep, or close it"
            + " later.");
  }

  /** Bytes that are allocated now, by all storages. */
  public static long allocatedBytes() {
    return Block.ALLOCATED.get();
  }

  /**
   * The memory itself. Held strongly by its own phantom reference, so it outlives the {@link
   * Storage} until the collector has seen that nobody can reach it. The reference watches the
   * buffer, not the storage: slices that somebody still holds keep their buffer alive, and so the
   * memory.
   */
  private static final class Block {
    static final AtomicLong ALLOCATED = new AtomicLong();
    static final ReferenceQueue<ByteBuffer> QUEUE = new ReferenceQueue<>();
    static final Set<Net> NETS = ConcurrentHashMap.newKeySet();
    static final long BUDGET = budget();
    static final AtomicLong SOFT_LIMIT = new AtomicLong(Math.min(BUDGET, 256L << 20));

    final long address;
    final long bytes;
    final AtomicInteger freed = new AtomicInteger();
    Net net;

    Block(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }

    static Storage allocate(long bytes) {
      reclaim();
      long total = bytes + READABLE_PAST_END;
      long after = ALLOCATED.addAndGet(total);
      if (after > SOFT_LIMIT.get()) {
        after = collect(total);
      }
      if (after > BUDGET) {
        ALLOCATED.addAndGet(-total);
        throw new OctetOutOfMemoryError(
            "Tensors hold "
                + (after - total)
                + " bytes and "
                + bytes
                + " more were asked for; the budget is "
                + BUDGET
                + " bytes. Close tensors or use a TensorScope, use smaller batches, or raise it with"
                + " -Doctet.memory=BYTES.");
      }
      long address;
      ByteBuffer buffer;
      try {
        address = NativeMemory.available() ? raw(bytes) : 0;
        buffer =
            address == 0
                ? ByteBuffer.allocateDirect((int) total)
                : NativeMemory.buffer(address, bytes);
      } catch (OctetOutOfMemoryError | OutOfMemoryError e) {
        ALLOCATED.addAndGet(-total);
        if (e instanceof OctetOutOfMemoryError o) {
          throw o;
        }
        throw new OctetOutOfMemoryError(
            "The JVM has no direct memory left for "
                + bytes
                + " bytes; raise -XX:MaxDirectMemorySize or close tensors.");
      }
      Block block = new Block(address, total);
      block.net = new Net(buffer, block);
      NETS.add(block.net);
      return new Storage(block, buffer.order(ByteOrder.LITTLE_ENDIAN), bytes);
    }

    private static long raw(long bytes) {
      long address = NativeMemory.allocate(bytes);
      if (address == 0) {
        throw new OctetOutOfMemoryError(
            "The machine has no memory left for "
                + bytes
                + " bytes; close tensors or use smaller batches.");
      }
      return address;
    }

    /**
     * Asks for a collection, waits a moment for its finds, and moves the soft limit; returns the
     * bytes in use.
     */
    private static synchronized long collect(long wanted) {
      long now = ALLOCATED.get();
      if (now <= SOFT_LIMIT.get()) {
        return now;
      }
      System.gc();
      for (int wait = 1; wait <= 64; wait *= 2) {
        reclaim();
        now = ALLOCATED.get();
        if (now <= SOFT_LIMIT.get() / 2) {
          break;
        }
        try {
          Thread.sleep(wait);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          break;
        }
      }
      // What survived is in use: look again only after as much has been allocated once more.
      SOFT_LIMIT.set(Math.min(BUDGET, Math.max(256L << 20, 2 * (now - wanted) + wanted)));
      return now;
    }

    private static void reclaim() {
      for (Object net = QUEUE.poll(); net != null; net = QUEUE.poll()) {
        ((Net) net).block.free();
      }
    }

    void free() {
      if (freed.compareAndSet(0, 1)) {
        NETS.remove(net);
        net.clear();
        ALLOCATED.addAndGet(-bytes);
        if (address != 0) {
          NativeMemory.free(address, bytes - READABLE_PAST_END);
        }
      }
    }

    private static long budget() {
      String set = System.getProperty("octet.memory");
      if (set == null) {
        return Runtime.getRuntime().maxMemory();
      }
      try {
        long value = Long.parseLong(set.trim());
        if (value > 0) {
          return value;
        }
      } catch (NumberFormatException e) {
        // falls through to the error below
      }
      throw new OctetException(
          "-Doctet.memory is \"" + set + "\"; expected a positive number of bytes.");
    }
  }

  /** The safety net under one storage. */
  private static final class Net extends PhantomReference<ByteBuffer> {
    final Block block;

    Net(ByteBuffer buffer, Block block) {
      super(buffer, Block.QUEUE);
      this.block = block;
    }
  }
}
