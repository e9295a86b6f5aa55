package org.octet.backend;

import org.octet.tensor.Storage;

/** A list of operators that runs in one call. Immutable and thread-safe; each concurrent run needs its own session. */
public interface Plan extends AutoCloseable {
  /** A session: an arena and slots for the external buffers. */
  Session newSession();

  @Override
  void close();

  /** Memory of one run at a time; not thread-safe. */
  interface Session extends AutoCloseable {
    /** Sets external buffer {@code index}; the caller keeps a reference to {@code storage} until the run is over. */
    void bind(int index, Storage storage, long byteOffset);

    /** Runs all steps with the bound buffers. Allocates nothing. */
    void run(int threads);

    @Override
    void close();
  }
}
