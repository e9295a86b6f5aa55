package org.octet.bench;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.octet.tensor.FloatTensor;

/** y = x W^T + b with OpenBLAS on one thread, buffers made once: the fp32 baseline. */
public final class OpenBlasGemm implements AutoCloseable {
  private final int m;
  private final int n;
  private final int k;
  private final FloatPointer x;
  private final FloatPointer w;
  private final FloatPointer y;

  public OpenBlasGemm(FloatTensor x, FloatTensor weight) {
    this.m = x.size(0);
    this.k = x.size(1);
    this.n = weight.size(0);
    openblas.blas_set_num_threads(1);
    this.x = new FloatPointer(x.toArray());
    this.w = new FloatPointer(weight.toArray());
    this.y = new FloatPointer((long) m * n);
  }

  /** Input to be overwritten, row-major [m, k]. */
  public FloatPointer input() {
    return x;
  }

  /** Runs once; at M = 1 through sgemv, which is much faster there. */
  public FloatPointer run() {
    if (m == 1) {
      openblas.cblas_sgemv(
          openblas.CblasRowMajor, openblas.CblasNoTrans, n, k, 1f, w, k, x, 1, 0f, y, 1);
    } else {
      openblas.cblas_sgemm(
          openblas.CblasRowMajor,
          openblas.CblasNoTrans,
          openblas.CblasTrans,
          m,
          n,
          k,
          1f,
          x,
          k,
          w,
          k,
          0f,
          y,
          n);
    }
    return y;
  }

  @Override
  public void close() {
    x.close();
    w.close();
    y.close();
  }
}
