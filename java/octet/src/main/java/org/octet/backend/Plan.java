package org.octet.backend;

import org.octet.tensor.Storage;

/**
 * A list of operators that runs in one call. Immutable and thread-safe; each concurrent run needs
 * its own session.
 */
public interface Plan extends AutoCloseable {
  /** A session: an arena and slots for the external buffers. */
  Session newSession();

  @Override
  void close();

  /** Memory of one run at a time; not thread-safe. */
  interface Session extends AutoCloseable {
    /**
     * Sets external buffer {@code index}; the caller keeps a reference to {@code storage} until the
     * run is over.
     *
     * @throws BackendException if there is no such buffer, or the storage is too small for the
     *     steps that use it
     * @throws org.octet.tensor.ClosedException if the session is closed
     */
    void bind(int index, Storage storage, long byteOffset);

    /**
     * Runs all steps with the bound buffers. On the native backend this is one native call and
     * allocates nothing.
     *
     * @param threads 1 for the calling thread alone; the result does not depend on it
     * @param spinMicros how many microseconds helping threads stay awake after the run, ready for
     *     the next one; 0: they sleep at once
     * @throws BackendException if a buffer is not bound or another thread is running this session
     * @throws org.octet.tensor.ClosedException if the session or the plan is closed
     */
    void run(int threads, int spinMicros);

    /** As {@link #run(int, int)}; helping threads sleep at once. */
    default void run(int threads) {
      run(threads, 0);
    }

    @Override
    void close();
  }
}
