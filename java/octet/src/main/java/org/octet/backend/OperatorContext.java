package org.octet.backend;

import org.octet.tensor.Storage;

/** An operator for one input shape; immutable and thread-safe. */
public interface OperatorContext {
  /** Bytes of scratch memory that a run needs. */
  long scratchBytes();

  /** Bytes of the output. */
  long outputBytes();

  /**
   * Runs on the calling thread. The caller keeps a reference to every storage until it returns.
   * Sizes and offsets are checked before anything is read or written.
   *
   * @param inputs dense memory, one entry an input
   * @param inputOffsets byte offsets into {@code inputs}
   * @param scratch at least {@link #scratchBytes()} from {@code scratchOffset}, a multiple of 64;
   *     may be null if that is 0
   * @throws org.octet.tensor.ClosedException if the operator is closed
   * @throws BackendException if a storage is too small for what stands at its offset
   */
  void run(
      Storage[] inputs,
      long[] inputOffsets,
      Storage output,
      long outputOffset,
      Storage scratch,
      long scratchOffset);
}
