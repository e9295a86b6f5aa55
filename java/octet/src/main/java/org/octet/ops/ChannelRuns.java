package org.octet.ops;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.function.IntFunction;
import org.octet.backend.Platform;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Tensor;

/**
 * Loops over a dense tensor as runs of consecutive elements that belong to one channel: a weight's
 * rows (axis 0), or the whole tensor as the one run of one channel. Blocks do not depend on the
 * number of threads, so sums do not either.
 *
 * @param x the tensor, dense
 * @param channels number of channels
 * @param inner length of a run; run r belongs to channel r mod channels
 */
record ChannelRuns(FloatTensor x, int channels, int inner) {
  private static final int BLOCK = 4096;
  private static final int GRAIN = 8;

  /** Computes {@code out[from .. to)} of one channel. */
  @FunctionalInterface
  interface Body {
    void run(float[][] in, float[] out, int from, int to, int channel);
  }

  /** Adds what {@code from .. to} of one channel contribute to {@code sums}. */
  @FunctionalInterface
  interface Reduction {
    void run(float[][] in, double[] sums, int from, int to, int channel);
  }

  /** The runs of {@code t} along {@code axis}; -1 for one channel that is everything. */
  static ChannelRuns of(Tensor t, int axis) {
    FloatTensor f = (FloatTensor) t;
    if (axis < 0) {
      FloatTensor x = Rows.dense(f, f.format());
      return new ChannelRuns(x, 1, Math.max(1, (int) x.numel()));
    }
    // Axis 0 is the outermost in every order of memory.
    FloatTensor x = Rows.dense(f, axis == 0 ? f.format() : MemoryFormat.CONTIGUOUS);
    int inner = 1;
    for (int i = axis + 1; i < x.shape().rank(); i++) {
      inner *= x.size(i);
    }
    return new ChannelRuns(x, x.size(axis), Math.max(1, inner));
  }

  /** Runs of all channels that there are, one after another. */
  int outer() {
    return channels == 0 || x.numel() == 0 ? 0 : (int) (x.numel() / channels / inner);
  }

  /** Another tensor of the same shape in this one's order. */
  FloatTensor alike(Tensor t) {
    return Rows.dense(t, x.format());
  }

  /** A new tensor, computed element by element from {@code in}, which are dense like {@link #x}. */
  FloatTensor map(Body body, FloatTensor... in) {
    FloatTensor out = FloatTensor.empty(x.shape(), x.format());
    FloatBuffer to = out.borrow();
    blocks(
        in,
        (values, block) -> {
          int n = length(block);
          float[] y = Scratch.floats(0, BLOCK);
          int start = block * BLOCK;
          for (int i = 0; i < n; ) {
            int end = Math.min(n, i + inner - (start + i) % inner);
            body.run(values, y, i, end, (start + i) / inner % channels);
            i = end;
          }
          Platform.put(to, start, y, 0, n);
        });
    return out;
  }

  /** As {@link Body}, on the bits of the floats. */
  @FunctionalInterface
  interface BitBody {
    void run(int[][] in, int[] out, int from, int to, int channel);
  }

  /**
   * A new tensor, computed element by element from the bits of {@code in}, which are dense like
   * {@link #x}.
   */
  FloatTensor mapBits(BitBody body, FloatTensor... in) {
    FloatTensor out = FloatTensor.empty(x.shape(), x.format());
    IntBuffer to = UnaryGradOp.ints(out);
    IntBuffer[] from = new IntBuffer[in.length];
    for (int i = 0; i < in.length; i++) {
      from[i] = UnaryGradOp.ints(in[i]);
    }
    Parallel.forRange(
        blockCount(),
        GRAIN,
        (a, b) -> {
          int[] y = Scratch.ints(0, BLOCK);
          int[][] values = new int[in.length][];
          for (int block = a; block < b; block++) {
            int n = length(block);
            int start = block * BLOCK;
            for (int i = 0; i < in.length; i++) {
              values[i] = Scratch.ints(i + 1, BLOCK);
              Platform.get(from[i], start, values[i], 0, n);
            }
            for (int i = 0; i < n; ) {
              int end = Math.min(n, i + inner - (start + i) % inner);
              body.run(values, y, i, end, (start + i) / inner % channels);
              i = end;
            }
            Platform.put(to, start, y, 0, n);
          }
        });
    return out;
  }

  /** [sums][channels], each over all elements of a channel. */
  double[][] sums(int count, Reduction body, FloatTensor... in) {
    // Of every block, the sums of its runs in order.
    double[][] partial = new double[blockCount()][];
    blocks(
        in,
        (values, block) -> {
          int n = length(block);
          int start = block * BLOCK;
          int runs = (start + n - 1) / inner - start / inner + 1;
          double[] all = new double[runs * count];
          double[] sums = new double[count];
          int run = 0;
          for (int i = 0; i < n; run++) {
            int end = Math.min(n, i + inner - (start + i) % inner);
            java.util.Arrays.fill(sums, 0);
            body.run(values, sums, i, end, (start + i) / inner % channels);
            System.arraycopy(sums, 0, all, run * count, count);
            i = end;
          }
          partial[block] = all;
        });
    double[][] sums = new double[count][channels];
    for (int b = 0; b < partial.length; b++) {
      int first = b * BLOCK / inner;
      for (int k = 0; k < partial[b].length; k++) {
        sums[k % count][(first + k / count) % channels] += partial[b][k];
      }
    }
    return sums;
  }

  private interface Block {
    void run(float[][] values, int block);
  }

  private void blocks(FloatTensor[] in, Block body) {
    FloatBuffer[] from = new FloatBuffer[in.length];
    for (int i = 0; i < in.length; i++) {
      from[i] = in[i].borrow();
    }
    IntFunction<float[]> scratch = i -> Scratch.floats(i + 1, BLOCK);
    Parallel.forRange(
        blockCount(),
        GRAIN,
        (a, b) -> {
          float[][] values = new float[in.length][];
          for (int k = a; k < b; k++) {
            for (int i = 0; i < in.length; i++) {
              values[i] = scratch.apply(i);
              Platform.get(from[i], k * BLOCK, values[i], 0, length(k));
            }
            body.run(values, k);
          }
        });
  }

  private int blockCount() {
    return (int) ((x.numel() + BLOCK - 1) / BLOCK);
  }

  private int length(int block) {
    return (int) Math.min(BLOCK, x.numel() - (long) block * BLOCK);
  }
}
