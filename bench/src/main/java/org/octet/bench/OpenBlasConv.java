package org.octet.bench;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;
import org.octet.ops.ConvGeometry;
import org.octet.tensor.FloatTensor;

/**
 * Convolution of one image by im2col and OpenBLAS on one thread: the fp32 baseline that has no
 * kernels of its own.
 */
public final class OpenBlasConv implements AutoCloseable {
  private final ConvGeometry g;
  private final int size;
  private final int out;
  private final int cin;
  private final int cout;
  private final float[] image;
  private final float[] columns;
  private final FloatPointer columnsNative;
  private final FloatPointer w;
  private final FloatPointer y;
  private final boolean point;

  public OpenBlasConv(FloatTensor x, FloatTensor weight, ConvGeometry g) {
    this.g = g;
    this.size = x.size(2);
    this.out = g.outH(size);
    this.cin = weight.size(1);
    this.cout = weight.size(0) / g.groups();
    openblas.blas_set_num_threads(1);
    this.image = x.contiguous().permute(0, 2, 3, 1).contiguous().toArray();
    this.point = g.kernelH() == 1 && g.strideH() == 1 && g.groups() == 1;
    int k = cin * g.kernelH() * g.kernelW();
    this.columns = point ? image : new float[out * out * k];
    this.columnsNative = new FloatPointer(columns);
    this.w = new FloatPointer(weight.permute(0, 2, 3, 1).contiguous().toArray());
    this.y = new FloatPointer((long) out * out * weight.size(0));
  }

  /** Runs once. */
  public FloatPointer run() {
    int k = cin * g.kernelH() * g.kernelW();
    for (int group = 0; group < g.groups(); group++) {
      if (!point) {
        im2col(group);
        columnsNative.put(columns);
      }
      w.position((long) group * cout * k);
      y.position((long) group * cout);
      openblas.cblas_sgemm(
          openblas.CblasRowMajor,
          openblas.CblasNoTrans,
          openblas.CblasTrans,
          out * out,
          cout,
          k,
          1f,
          columnsNative,
          k,
          w,
          k,
          0f,
          y,
          cout * g.groups());
    }
    w.position(0);
    return y.position(0);
  }

  private void im2col(int group) {
    int channels = cin * g.groups();
    int p = 0;
    for (int oy = 0; oy < out; oy++) {
      for (int ox = 0; ox < out; ox++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = oy * g.strideH() - g.padTop() + ky * g.dilationH();
          for (int kx = 0; kx < g.kernelW(); kx++) {
            int ix = ox * g.strideW() - g.padLeft() + kx * g.dilationW();
            if (iy >= 0 && iy < size && ix >= 0 && ix < size) {
              System.arraycopy(image, (iy * size + ix) * channels + group * cin, columns, p, cin);
            } else {
              java.util.Arrays.fill(columns, p, p + cin, 0f);
            }
            p += cin;
          }
        }
      }
    }
  }

  @Override
  public void close() {
    columnsNative.close();
    w.close();
    y.close();
  }
}
