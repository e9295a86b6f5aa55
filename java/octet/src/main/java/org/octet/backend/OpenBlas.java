package org.octet.backend;

import java.nio.Buffer;
import java.nio.FloatBuffer;
import org.bytedeco.openblas.global.openblas_nolapack;

/**
 * {@link Blas} by OpenBLAS. The only class that touches the optional dependency; {@link Blases}
 * loads it.
 */
final class OpenBlas implements Blas {
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANS = 111;
  private static final int TRANS = 112;

  OpenBlas() {
    // The training ops split their work themselves, by images; threads below that would only get in
    // each other's way.
    openblas_nolapack.blas_set_num_threads(1);
  }

  @Override
  public void sgemm(
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
    openblas_nolapack.cblas_sgemm(
        ROW_MAJOR,
        transA ? TRANS : NO_TRANS,
        transB ? TRANS : NO_TRANS,
        m,
        n,
        k,
        1f,
        at(a, aOffset),
        lda,
        at(b, bOffset),
        ldb,
        beta,
        at(c, cOffset),
        ldc);
  }

  private static FloatBuffer at(FloatBuffer b, int offset) {
    FloatBuffer at = b.duplicate();
    // By the type that old Android declares clear and position in.
    ((Buffer) at).clear().position(offset);
    return at;
  }

  @Override
  public String name() {
    return "openblas";
  }
}
