package org.octet.backend;

import java.nio.FloatBuffer;

/** {@link Blas} in plain Java, for machines without OpenBLAS: loops that the JIT vectorises. */
final class JavaBlas implements Blas {
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
    float[] rows = rowMajor(transA, m, k, a, aOffset, lda);
    float[] columns = rowMajor(transB, k, n, b, bOffset, ldb);
    float[] sum = new float[n];
    for (int i = 0; i < m; i++) {
      if (beta == 0) {
        java.util.Arrays.fill(sum, 0f);
      } else {
        Platform.get(c, cOffset + i * ldc, sum, 0, n);
        for (int j = 0; j < n; j++) {
          sum[j] *= beta;
        }
      }
      for (int p = 0; p < k; p++) {
        addScaled(sum, rows[i * k + p], columns, p * n, n);
      }
      Platform.put(c, cOffset + i * ldc, sum, 0, n);
    }
  }

  private static void addScaled(float[] sum, float factor, float[] row, int at, int n) {
    for (int j = 0; j < n; j++) {
      sum[j] += factor * row[at + j];
    }
  }

  /** The matrix [rows][columns], copied from {@code x} or its transpose. */
  private static float[] rowMajor(
      boolean transposed, int rows, int columns, FloatBuffer x, int offset, int ld) {
    float[] out = new float[rows * columns];
    if (!transposed) {
      for (int i = 0; i < rows; i++) {
        Platform.get(x, offset + i * ld, out, i * columns, columns);
      }
      return out;
    }
    float[] line = new float[rows];
    for (int j = 0; j < columns; j++) {
      Platform.get(x, offset + j * ld, line, 0, rows);
      for (int i = 0; i < rows; i++) {
        out[i * columns + j] = line[i];
      }
    }
    return out;
  }

  @Override
  public String name() {
    return "java";
  }
}
