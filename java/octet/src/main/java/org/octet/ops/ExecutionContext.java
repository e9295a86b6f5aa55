package org.octet.ops;

import org.octet.backend.Backend;
import org.octet.backend.Blas;

/**
 * What an op executes with.
 *
 * @param backend kernels
 * @param blas matrix products while a tape records; null otherwise, when only the backend's
 *     fixed-order kernels run
 */
public record ExecutionContext(Backend backend, Blas blas) {
  /** Whether gradients are recorded, so that speed matters more than a fixed order of sums. */
  public boolean recording() {
    return blas != null;
  }
}
