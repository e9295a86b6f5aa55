package org.octet.backend;

import org.octet.tensor.Storage;

/** An operator for one input shape; immutable and thread-safe. */
public interface OperatorContext {
  /** Bytes of scratch memory that a run needs. */
  long scratchBytes();

  /** Bytes of the output. */
  long outputBytes();

  /**
   * Runs on the calling thread.
   *
   * @param inputs dense memory, one entry an input
   * @param inputOffsets byte offsets into {@code inputs}
   * @param scratch at least {@link #scratchBytes()} from {@code scratchOffset}; may be null if that is 0
   */
  void run(
      Storage[] inputs, long[] inputOffsets, Storage output, long outputOffset, Storage scratch, long scratchOffset);
}
