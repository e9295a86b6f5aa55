package org.octet.backend;

import java.nio.FloatBuffer;

/**
 * Float matrix products for training, where no order of sums is promised. OpenBLAS where it is,
 * else plain Java.
 */
public interface Blas {
  /**
   * {@code C = A' B' + beta C}, row-major; {@code A'} (m x k) is A or its transpose, {@code B'} (k
   * x n) likewise. Runs on the calling thread; several threads may call at once.
   *
   * @param a direct buffer in the machine's byte order, as are the others; positions are ignored
   * @param aOffset index of the first element in {@code a}; likewise for the others
   * @param lda elements between rows of A as stored; likewise for the others
   */
  void sgemm(
      boolean transA,
      boolean transB,
      int m,
      int n,
      int k,
      FloatBuffer a,
      int aOffset,
      int lda,
      FloatBuffer b,
      int bOffset,
      int ldb,
      float beta,
      FloatBuffer c,
      int cOffset,
      int ldc);

  /** "openblas" or "java". */
  String name();
}
