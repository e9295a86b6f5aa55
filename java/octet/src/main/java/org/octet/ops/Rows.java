package org.octet.ops;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.octet.backend.Platform;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Tensor;

/**
 * Loops of the training ops over dense tensors, seen as rows of C channels. Memory is copied in
 * blocks that fit the L1 cache to arrays, where the JIT compiler vectorises, and back. Blocks do
 * not depend on the number of threads, so sums do not either.
 */
final class Rows {
  private static final int BLOCK = 1024;
  private static final int GRAIN = 1 << 15;

  /** Blocks that are summed in float before the sums go on in double. */
  private static final int GROUP = 32;

  private Rows() {}

  /**
   * Computes one block: {@code n} elements of every input to {@code out}; element 0 belongs to
   * channel 0.
   */
  @FunctionalInterface
  interface Body {
    void run(float[][] in, float[] out, int n);
  }

  /**
   * Adds what is to be summed of one block, {@code n} elements of every input, element by element
   * to {@code sums}.
   */
  @FunctionalInterface
  interface Reduction {
    void run(float[][] in, float[][] sums, int n);
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
    FloatBuffer from = f.borrow();
    FloatBuffer to = out.borrow();
    int size = r * s;
    Parallel.forRange(
        f.size(0),
        Math.max(1, GRAIN / size),
        (a, b) -> {
          float[] x = Scratch.floats(0, size);
          float[] y = Scratch.floats(1, size);
          for (int n = a; n < b; n++) {
            Platform.get(from, n * size, x, 0, size);
            for (int i = 0; i < r; i++) {
              for (int j = 0; j < s; j++) {
                y[j * r + i] = x[i * s + j];
              }
            }
            Platform.put(to, n * size, y, 0, size);
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
    System.arraycopy(values, 0, t, 0, values.length);
    repeat(t, values.length);
    return t;
  }

  /** Fills an array with repetitions of its first {@code period} elements, in doubling steps. */
  static void repeat(float[] t, int period) {
    for (int n = period; n < t.length; n *= 2) {
      System.arraycopy(t, 0, t, n, Math.min(n, t.length - n));
    }
  }

  /**
   * Element by element, rows aligned to {@code channels} (1 where channels do not matter). All
   * tensors are dense alike.
   */
  static void map(FloatTensor out, int channels, Body body, FloatTensor... in) {
    int count = (int) out.numel();
    int block = block(channels);
    int blocks = (count + block - 1) / block;
    FloatBuffer to = out.borrow();
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
            Platform.put(to, k * block, y, 0, n);
          }
        });
  }

  /**
   * Sums over the rows of {@code outputs} quantities, which {@code body} computes.
   *
   * @return [outputs][channels]
   */
  static double[][] sums(int outputs, int channels, Reduction body, FloatTensor... in) {
    int count = (int) in[0].numel();
    int block = block(channels);
    int blocks = (count + block - 1) / block;
    int groups = (blocks + GROUP - 1) / GROUP;
    FloatBuffer[] from = buffers(in);
    double[][][] partial = new double[groups][outputs][channels];
    Parallel.forRange(
        groups,
        1,
        (a, b) -> {
          float[][] all = arrays(in.length + outputs, block);
          float[][] x = Arrays.copyOf(all, in.length);
          float[][] sums = Arrays.copyOfRange(all, in.length, all.length);
          for (int group = a; group < b; group++) {
            for (float[] s : sums) {
              Arrays.fill(s, 0, block, 0f);
            }
            for (int k = group * GROUP; k < Math.min(blocks, (group + 1) * GROUP); k++) {
              body.run(x, sums, read(from, x, k, block, count));
            }
            for (int o = 0; o < outputs; o++) {
              for (int i = 0; i < block; i += channels) {
                for (int c = 0; c < channels; c++) {
                  partial[group][o][c] += sums[o][i + c];
                }
              }
            }
          }
        });
    for (int group = 1; group < groups; group++) {
      for (int o = 0; o < outputs; o++) {
        for (int c = 0; c < channels; c++) {
          partial[0][o][c] += partial[group][o][c];
        }
      }
    }
    return partial[0];
  }

  /** Sums of the elements themselves. */
  static double[] sums(int channels, FloatTensor x) {
    return sums(
        1,
        channels,
        (in, sums, n) -> {
          float[] v = in[0];
          float[] s = sums[0];
          for (int i = 0; i < n; i++) {
            s[i] += v[i];
          }
        },
        x)[0];
  }

  private static FloatBuffer[] buffers(FloatTensor[] in) {
    FloatBuffer[] b = new FloatBuffer[in.length];
    for (int i = 0; i < b.length; i++) {
      b[i] = in[i].borrow();
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
      Platform.get(from[i], k * block, x[i], 0, n);
    }
    return n;
  }
}
