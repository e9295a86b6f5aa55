package org.octet.backend;

/** Float matrix products for training, where no order of sums is promised. OpenBLAS where it is, else plain Java. */
public interface Blas {
  /**
   * {@code C = A' B' + beta C}, row-major; {@code A'} is A (m x k) or its transpose.
   *
   * @param aOffset index of the first element in {@code a}; likewise for the others
   * @param lda elements between rows of A as stored; likewise for the others
   */
  void sgemm(
      boolean transA, boolean transB, int m, int n, int k,
      float[] a, int aOffset, int lda, float[] b, int bOffset, int ldb, float beta, float[] c, int cOffset, int ldc);

  /** "openblas" or "java". */
  String name();
}
