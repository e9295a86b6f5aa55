package org.octet.ops;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.octet.backend.Blas;
import org.octet.backend.Platform;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Convolution and its gradients while training: image blocks are unfolded (im2col) and multiplied
 * by BLAS, blocks side by side on the cores; depthwise ones are plain loops. Tensors are dense and
 * channels-last, height 1 in one dimension. With depth a slice of the result is what an image is
 * without: it is unfolded from the slices that its window sees.
 */
final class ConvTraining {
  /** Elements of an unfolded block: it should stay in the L2 cache. */
  private static final int BLOCK = 1 << 16;

  /** Parts of a sum over images: fixed, so that results do not depend on the number of threads. */
  private static final int PARTS = 8;

  private static final ThreadLocal<FloatBuffer[]> BUFFERS =
      ThreadLocal.withInitial(() -> new FloatBuffer[3]);

  private final Blas blas;
  private final ConvGeometry g;
  private final int images;
  private final int c;
  private final int d;
  private final int h;
  private final int w;
  private final int o;
  private final int od;
  private final int oh;
  private final int ow;
  private final int groupIn;
  private final int groupOut;
  private final int taps;
  private final int planeTaps;
  private final int k;

  /** Of a slice of the result. */
  private final int pixels;

  private final boolean depthwise;
  private final boolean pointwise;
  private final int perBlock;
  private final float[] weight;

  /**
   * {@code x} and {@code y} give shapes only; {@code weight} [O][I][taps] may be null where it is
   * not needed.
   */
  ConvTraining(Blas blas, ConvGeometry g, FloatTensor x, FloatTensor y, FloatTensor weight) {
    this(blas, g, x, y, weight == null ? null : weight.toArray(), true);
  }

  /** A weight that is in the order of the loops already. */
  private ConvTraining(Blas blas, ConvGeometry g, FloatTensor x, FloatTensor y, float[] weight) {
    this(blas, g, x, y, weight, false);
  }

  private ConvTraining(
      Blas blas, ConvGeometry g, FloatTensor x, FloatTensor y, float[] weight, boolean reorder) {
    this.blas = blas;
    this.g = g;
    boolean planar = g.isPlanar();
    images = x.size(0) * (planar ? axis(x, 3) : 1);
    c = x.size(1);
    d = planar ? 1 : axis(x, 3);
    h = axis(x, 2);
    w = axis(x, 1);
    o = y.size(1);
    od = planar ? 1 : axis(y, 3);
    oh = axis(y, 2);
    ow = axis(y, 1);
    groupIn = c / g.groups();
    groupOut = o / g.groups();
    taps = g.taps();
    planeTaps = g.kernelH() * g.kernelW();
    k = taps * groupIn;
    pixels = oh * ow;
    depthwise = planar && groupIn == 1 && groupOut == 1 && g.groups() > 1;
    pointwise =
        planar
            && taps == 1
            && g.groups() == 1
            && g.strideH() == 1
            && g.strideW() == 1
            && g.padTop() + g.padLeft() + g.padBottom() + g.padRight() == 0;
    perBlock = Math.max(1, BLOCK / (pixels * k));
    this.weight = reorder && weight != null ? tapsFirst(weight) : weight;
  }

  /** Size of an axis, counted from the last; 1 where there is none. */
  private static int axis(FloatTensor t, int fromLast) {
    return t.shape().rank() > fromLast + 1 ? t.size(-fromLast) : 1;
  }

  /** [O][I][taps] as [O][taps][I]; for a depthwise weight as [taps][O]. */
  private float[] tapsFirst(float[] v) {
    float[] out = new float[v.length];
    for (int i = 0; i < v.length; i++) {
      out[place(i)] = v[i];
    }
    return out;
  }

  private int place(int i) {
    int t = i % taps;
    int in = i / taps % groupIn;
    int out = i / taps / groupIn;
    return depthwise ? t * o + out : (out * taps + t) * groupIn + in;
  }

  static Tensor[] activate(ExecutionContext context, Activation activation, FloatTensor y) {
    return switch (activation) {
      case NONE -> new Tensor[] {y};
      case RELU -> UnaryOp.RELU.execute(context, y);
      case RELU6 -> UnaryOp.RELU6.execute(context, y);
    };
  }

  static void fillBias(FloatBuffer y, int rows, int n, Tensor bias) {
    if (bias == null) {
      return;
    }
    float[] b = ((FloatTensor) bias).toArray();
    int step = Math.max(1, 4096 / n);
    float[] block = new float[step * n];
    for (int i = 0; i < block.length; i++) {
      block[i] = b[i % n];
    }
    for (int r = 0; r < rows; r += step) {
      Platform.put(y, r * n, block, 0, Math.min(step, rows - r) * n);
    }
  }

  // ---- forward
  // -----------------------------------------------------------------------------------------------------

  void forward(FloatTensor x, FloatTensor y, Tensor bias) {
    FloatBuffer from = x.borrow();
    FloatBuffer to = y.borrow();
    fillBias(to, images * od * pixels, o, bias);
    float beta = bias == null ? 0f : 1f;
    if (depthwise) {
      lines().forward(from, to, weight, bias != null);
      return;
    }
    FloatBuffer wt = filled(2, weight);
    if (pointwise) {
      Gemm.run(blas, false, true, images * pixels, o, c, from, 0, c, wt, 0, c, beta, to, 0, o);
      return;
    }
    blocks(
        images * od,
        perBlock,
        (first, count) -> {
          float[] image = windows(from, first, count);
          int rows = count * pixels;
          for (int group = 0; group < g.groups(); group++) {
            FloatBuffer columns = columns(image, count, group);
            blas.sgemm(
                false,
                true,
                rows,
                groupOut,
                k,
                columns,
                0,
                k,
                wt,
                group * groupOut * k,
                k,
                beta,
                to,
                first * pixels * o + group * groupOut,
                o);
          }
        });
  }

  void inputGrad(FloatTensor gradient, FloatTensor dx) {
    ConvGeometry mirrored = pointwise || g.groups() > 1 && !depthwise ? null : mirrored();
    if (mirrored != null) {
      new ConvTraining(blas, mirrored, gradient, dx, mirroredWeight()).forward(gradient, dx, null);
      return;
    }
    FloatBuffer from = gradient.borrow();
    FloatBuffer to = dx.borrow();
    if (depthwise) {
      lines().inputGrad(from, to, weight);
      return;
    }
    FloatBuffer wt = filled(2, weight);
    if (pointwise) {
      Gemm.run(blas, false, false, images * pixels, c, o, from, 0, o, wt, 0, c, 0f, to, 0, c);
      return;
    }
    blocks(
        images,
        od == 1 ? perBlock : 1,
        (first, count) -> {
          int rows = count * pixels;
          float[] image = Scratch.floats(0, count * d * h * w * c);
          Arrays.fill(image, 0, count * d * h * w * c, 0f);
          float[] unfolded = Scratch.floats(1, rows * k);
          FloatBuffer columns = scratch(0, rows * k);
          for (int i = 0; i < od * g.groups(); i++) {
            int oz = i / g.groups();
            int group = i % g.groups();
            blas.sgemm(
                false,
                false,
                rows,
                k,
                groupOut,
                from,
                (first * od + oz) * pixels * o + group * groupOut,
                o,
                wt,
                group * groupOut * k,
                k,
                0f,
                columns,
                0,
                k);
            Platform.get(columns, 0, unfolded, 0, rows * k);
            for (int n = 0; n < count; n++) {
              for (int kz = 0; kz < g.kernelD(); kz++) {
                int iz = slice(oz, kz);
                if (iz >= 0 && iz < d) {
                  int row = n * pixels * k + kz * planeTaps * groupIn;
                  fold(image, (n * d + iz) * h * w * c + group * groupIn, unfolded, row);
                }
              }
            }
          }
          Platform.put(to, first * d * h * w * c, image, 0, count * d * h * w * c);
        });
  }

  private DepthwiseTraining lines() {
    return new DepthwiseTraining(g, images, c, h, w, oh, ow);
  }

  /**
   * With stride 1 the gradient of the input is itself a convolution, of the result's gradient with
   * the mirrored kernel: unfolding copies, which is faster than adding up. Null where that does not
   * fit.
   */
  private ConvGeometry mirrored() {
    int spanD = g.dilationD() * (g.kernelD() - 1);
    int spanH = g.dilationH() * (g.kernelH() - 1);
    int spanW = g.dilationW() * (g.kernelW() - 1);
    if (g.strideD() != 1
        || g.strideH() != 1
        || g.strideW() != 1
        || spanD < Math.max(g.padFront(), g.padBack())
        || spanH < Math.max(g.padTop(), g.padBottom())
        || spanW < Math.max(g.padLeft(), g.padRight())) {
      return null;
    }
    return new ConvGeometry(
            g.kernelH(),
            g.kernelW(),
            1,
            1,
            spanH - g.padTop(),
            spanW - g.padLeft(),
            spanH - g.padBottom(),
            spanW - g.padRight(),
            g.dilationH(),
            g.dilationW(),
            g.groups())
        .withDepth(g.kernelD(), 1, spanD - g.padFront(), spanD - g.padBack(), g.dilationD());
  }

  /** {@link #weight} in its own order, with input and output exchanged and the taps mirrored. */
  private float[] mirroredWeight() {
    float[] out = new float[weight.length];
    for (int t = 0; t < taps; t++) {
      int mirror = taps - 1 - t;
      if (depthwise) {
        System.arraycopy(weight, t * c, out, mirror * c, c);
        continue;
      }
      for (int a = 0; a < o; a++) {
        for (int i = 0; i < c; i++) {
          out[(i * taps + mirror) * o + a] = weight[(a * taps + t) * c + i];
        }
      }
    }
    return out;
  }

  static int ceilDiv(int a, int b) {
    return -Math.floorDiv(-a, b);
  }

  FloatTensor weightGrad(FloatTensor gradient, FloatTensor x, Shape shape) {
    FloatBuffer gs = gradient.borrow();
    FloatBuffer from = x.borrow();
    int size = (int) shape.numel();
    int parts = Math.min(PARTS, images);
    float[][] sums = new float[parts][];
    Parallel.forRange(
        parts,
        1,
        (a, b) -> {
          for (int p = a; p < b; p++) {
            int first = (int) ((long) images * p / parts);
            int end = (int) ((long) images * (p + 1) / parts);
            sums[p] =
                depthwise
                    ? lines().weightGrad(gs, from, first, end)
                    : weightGrad(gs, from, first, end, size);
          }
        });
    float[] total = sums[0];
    for (int p = 1; p < parts; p++) {
      for (int i = 0; i < size; i++) {
        total[i] += sums[p][i];
      }
    }
    float[] out = new float[size];
    for (int i = 0; i < size; i++) {
      out[i] = total[place(i)];
    }
    return FloatTensor.of(out, shape.dims());
  }

  private float[] weightGrad(FloatBuffer gs, FloatBuffer from, int first, int end, int size) {
    float[] out = new float[size];
    FloatBuffer sum = filled(1, out);
    if (pointwise) {
      blas.sgemm(
          true,
          false,
          o,
          c,
          (end - first) * pixels,
          gs,
          first * pixels * o,
          o,
          from,
          first * pixels * c,
          c,
          0f,
          sum,
          0,
          c);
    } else {
      for (int n = first * od; n < end * od; n += perBlock) {
        int count = Math.min(perBlock, end * od - n);
        float[] image = windows(from, n, count);
        for (int group = 0; group < g.groups(); group++) {
          FloatBuffer columns = columns(image, count, group);
          blas.sgemm(
              true,
              false,
              groupOut,
              k,
              count * pixels,
              gs,
              n * pixels * o + group * groupOut,
              o,
              columns,
              0,
              k,
              1f,
              sum,
              group * groupOut * k,
              k);
        }
      }
    }
    Platform.get(sum, 0, out, 0, size);
    return out;
  }

  // ---- unfolding
  // -----------------------------------------------------------------------------------------------------

  private interface Block {
    void run(int first, int count);
  }

  private void blocks(int n, int size, Block body) {
    Parallel.forRange(
        (n + size - 1) / size,
        Gemm.grain((long) size * pixels * k * o / g.groups()),
        (a, b) -> {
          for (int i = a; i < b; i++) {
            body.run(i * size, Math.min(size, n - i * size));
          }
        });
  }

  private int slice(int oz, int kz) {
    return oz * g.strideD() - g.padFront() + kz * g.dilationD();
  }

  /** The slices that {@code count} slices of the result see, one after the other. */
  private float[] windows(FloatBuffer from, int first, int count) {
    int plane = h * w * c;
    float[] out = Scratch.floats(0, count * g.kernelD() * plane);
    if (g.isPlanar()) {
      Platform.get(from, first * plane, out, 0, count * plane);
      return out;
    }
    for (int i = 0, at = 0; i < count; i++) {
      for (int kz = 0; kz < g.kernelD(); kz++, at += plane) {
        int iz = slice((first + i) % od, kz);
        if (iz < 0 || iz >= d) {
          Arrays.fill(out, at, at + plane, 0f);
        } else {
          Platform.get(from, ((first + i) / od * d + iz) * plane, out, at, plane);
        }
      }
    }
    return out;
  }

  private FloatBuffer columns(float[] image, int count, int group) {
    int size = pixels * k;
    float[] unfolded = Scratch.floats(1, count * size);
    for (int i = 0; i < count * g.kernelD(); i++) {
      int row = i / g.kernelD() * size + i % g.kernelD() * planeTaps * groupIn;
      unfold(image, i * h * w * c + group * groupIn, unfolded, row);
    }
    FloatBuffer columns = scratch(0, count * size);
    Platform.put(columns, 0, unfolded, 0, count * size);
    return columns;
  }

  /** One slice to the parts [ky][kx][c] of rows, one a pixel of the result. */
  private void unfold(float[] x, int at, float[] to, int row) {
    boolean runs = groupIn == c && g.dilationW() == 1;
    for (int oy = 0; oy < oh; oy++) {
      for (int ox = 0; ox < ow; ox++, row += k) {
        int p = row;
        int x0 = ox * g.strideW() - g.padLeft();
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = oy * g.strideH() - g.padTop() + ky * g.dilationH();
          int line = at + iy * w * c;
          if (iy < 0 || iy >= h) {
            Arrays.fill(to, p, p + g.kernelW() * groupIn, 0f);
            p += g.kernelW() * groupIn;
          } else if (runs && x0 >= 0 && x0 + g.kernelW() <= w) {
            copy(x, line + x0 * c, to, p, g.kernelW() * c);
            p += g.kernelW() * c;
          } else {
            for (int kx = 0; kx < g.kernelW(); kx++, p += groupIn) {
              int ix = x0 + kx * g.dilationW();
              if (ix < 0 || ix >= w) {
                Arrays.fill(to, p, p + groupIn, 0f);
              } else {
                copy(x, line + ix * c, to, p, groupIn);
              }
            }
          }
        }
      }
    }
  }

  private static void copy(float[] from, int i, float[] to, int o, int n) {
    if (n >= 16) {
      System.arraycopy(from, i, to, o, n);
    } else {
      for (int j = 0; j < n; j++) {
        to[o + j] = from[i + j];
      }
    }
  }

  /** The reverse of {@link #unfold}: adds the parts of rows to the slice. */
  private void fold(float[] x, int at, float[] from, int row) {
    boolean runs = groupIn == c && g.dilationW() == 1;
    for (int oy = 0; oy < oh; oy++) {
      for (int ox = 0; ox < ow; ox++, row += k) {
        int p = row;
        int x0 = ox * g.strideW() - g.padLeft();
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = oy * g.strideH() - g.padTop() + ky * g.dilationH();
          int line = at + iy * w * c;
          if (iy < 0 || iy >= h) {
            p += g.kernelW() * groupIn;
          } else if (runs && x0 >= 0 && x0 + g.kernelW() <= w) {
            add(x, line + x0 * c, from, p, g.kernelW() * c);
            p += g.kernelW() * c;
          } else {
            for (int kx = 0; kx < g.kernelW(); kx++, p += groupIn) {
              int ix = x0 + kx * g.dilationW();
              if (ix >= 0 && ix < w) {
                add(x, line + ix * c, from, p, groupIn);
              }
            }
          }
        }
      }
    }
  }

  private static void add(float[] to, int o, float[] from, int i, int n) {
    for (int j = 0; j < n; j++) {
      to[o + j] += from[i + j];
    }
  }

  // ---- memory
  // --------------------------------------------------------------------------------------------------------

  /** A direct buffer of this thread: slot 0 for unfolded images, 1 for sums, 2 for weights. */
  private static FloatBuffer scratch(int slot, int n) {
    FloatBuffer[] all = BUFFERS.get();
    if (all[slot] == null || all[slot].capacity() < n) {
      all[slot] =
          ByteBuffer.allocateDirect(4 * Math.max(n, 1))
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
    }
    return all[slot];
  }

  private static FloatBuffer filled(int slot, float[] values) {
    FloatBuffer b = scratch(slot, values.length);
    Platform.put(b, 0, values, 0, values.length);
    return b;
  }
}
