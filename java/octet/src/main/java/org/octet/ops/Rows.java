package org.octet.ops;

import java.nio.FloatBuffer;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Tensor;

/**
 * Loops of the training ops over dense tensors, seen as rows of C channels. Memory is copied in blocks that fit the L1
 * cache to arrays, where the JIT compiler vectorises, and back. Blocks do not depend on the number of threads, so sums
 * do not either.
 */
final class Rows {
  private static final int BLOCK = 4096;
  private static final int GRAIN = 1 << 15;

  private Rows() {}

  /** Computes one block: {@code n} elements of every input to {@code out}; element 0 belongs to channel 0. */
  @FunctionalInterface
  interface Body {
    void run(float[][] in, float[] out, int n);
  }

  /** Computes the sums of one block: adds to {@code sums}, [outputs][C]. */
  @FunctionalInterface
  interface Reduction {
    void run(float[][] in, float[][] products, int n);
  }

  /** {@code t} dense in the given order: itself, or a copy. */
  static FloatTensor dense(Tensor t, MemoryFormat format) {
    FloatTensor f = (FloatTensor) t;
    if (f.isDense(format)) {
      return f;
    }
    int rank = f.shape().rank();
    if (!f.isDense() || rank < 3) {
      return f.contiguous(format);
    }
    // Between the two orders: a transpose of [N][R][S] to [N][S][R].
    boolean toLast = format == MemoryFormat.CHANNELS_LAST;
    int c = f.size(1);
    int pixels = (int) (f.numel() / f.size(0) / c);
    int r = toLast ? c : pixels;
    int s = toLast ? pixels : c;
    FloatTensor out = FloatTensor.empty(f.shape(), format);
    FloatBuffer from = f.data();
    FloatBuffer to = out.data();
    int size = r * s;
    Parallel.forRange(
        f.size(0),
        Math.max(1, GRAIN / size),
        (a, b) -> {
          float[] x = Scratch.floats(0, size);
          float[] y = Scratch.floats(1, size);
          for (int n = a; n < b; n++) {
            from.get(n * size, x, 0, size);
            for (int i = 0; i < r; i++) {
              for (int j = 0; j < s; j++) {
                y[j * r + i] = x[i * s + j];
              }
            }
            to.put(n * size, y, 0, size);
          }
        });
    return out;
  }

  /** Elements of a block: whole rows, about {@link #BLOCK} elements. */
  static int block(int channels) {
    return Math.max(1, BLOCK / channels) * channels;
  }

  /** {@code values} of C channels, repeated over a block. */
  static float[] tile(float[] values) {
    float[] t = new float[block(values.length)];
    for (int i = 0; i < t.length; i += values.length) {
      System.arraycopy(values, 0, t, i, values.length);
    }
    return t;
  }

  /** Element by element, rows aligned to {@code channels} (1 where channels do not matter). All tensors are dense alike. */
  static void map(FloatTensor out, int channels, Body body, FloatTensor... in) {
    int count = (int) out.numel();
    int block = block(channels);
    int blocks = (count + block - 1) / block;
    FloatBuffer to = out.data();
    FloatBuffer[] from = buffers(in);
    Parallel.forRange(
        blocks,
        Math.max(1, GRAIN / block),
        (a, b) -> {
          float[] y = Scratch.floats(0, block);
          float[][] x = arrays(in.length, block);
          for (int k = a; k < b; k++) {
            int n = read(from, x, k, block, count);
            body.run(x, y, n);
            to.put(k * block, y, 0, n);
          }
        });
  }

  /**
   * Sums over the rows of {@code outputs} products, which {@code body} computes block by block.
   *
   * @return [outputs][channels]
   */
  static double[][] sums(int outputs, int channels, Reduction body, FloatTensor... in) {
    int count = (int) in[0].numel();
    int block = block(channels);
    int blocks = (count + block - 1) / block;
    FloatBuffer[] from = buffers(in);
    float[] partial = new float[blocks * outputs * channels];
    Parallel.forRange(
        blocks,
        Math.max(1, GRAIN / block),
        (a, b) -> {
          float[][] all = arrays(in.length + outputs, block);
          float[][] x = java.util.Arrays.copyOf(all, in.length);
          float[][] p = java.util.Arrays.copyOfRange(all, in.length, all.length);
          for (int k = a; k < b; k++) {
            int n = read(from, x, k, block, count);
            body.run(x, p, n);
            for (int o = 0; o < outputs; o++) {
              fold(p[o], n, channels, partial, (k * outputs + o) * channels);
            }
          }
        });
    double[][] sums = new double[outputs][channels];
    for (int k = 0; k < blocks; k++) {
      for (int o = 0; o < outputs; o++) {
        for (int c = 0; c < channels; c++) {
          sums[o][c] += partial[(k * outputs + o) * channels + c];
        }
      }
    }
    return sums;
  }

  /** Sums the rows of {@code x} to {@code to}; {@code x} is overwritten. Halving keeps long vectors and short error chains. */
  private static void fold(float[] x, int n, int channels, float[] to, int at) {
    int rows = n / channels;
    while (rows > 1) {
      int half = rows / 2;
      int top = (rows - half) * channels;
      int length = half * channels;
      for (int i = 0; i < length; i++) {
        x[i] += x[top + i];
      }
      rows -= half;
    }
    System.arraycopy(x, 0, to, at, channels);
  }

  private static FloatBuffer[] buffers(FloatTensor[] in) {
    FloatBuffer[] b = new FloatBuffer[in.length];
    for (int i = 0; i < b.length; i++) {
      b[i] = in[i].data();
    }
    return b;
  }

  private static float[][] arrays(int n, int block) {
    float[][] x = new float[n][];
    for (int i = 0; i < n; i++) {
      x[i] = Scratch.floats(i + 1, block);
    }
    return x;
  }

  private static int read(FloatBuffer[] from, float[][] x, int k, int block, int count) {
    int n = Math.min(block, count - k * block);
    for (int i = 0; i < x.length; i++) {
      from[i].get(k * block, x[i], 0, n);
    }
    return n;
  }
}
