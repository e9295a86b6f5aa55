package org.octet.ops;

import java.nio.FloatBuffer;
import org.octet.backend.Blas;

/** Matrix products of the training ops, split over the cores by rows of the result. */
final class Gemm {
  /** Multiplications that are worth a thread. */
  static final int GRAIN = 1 << 18;

  private Gemm() {}

  /** {@link Blas#sgemm} on several threads. */
  static void run(
      Blas blas,
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
      int ldc) {
    Parallel.forRange(
        m,
        grain((long) n * k),
        (from, to) ->
            blas.sgemm(
                transA,
                transB,
                to - from,
                n,
                k,
                a,
                aOffset + (transA ? from : from * lda),
                lda,
                b,
                bOffset,
                ldb,
                beta,
                c,
                cOffset + from * ldc,
                ldc));
  }

  /** Items of {@code work} multiplications each that are worth a thread. */
  static int grain(long work) {
    return (int) Math.max(1, GRAIN / Math.max(1, work));
  }
}
