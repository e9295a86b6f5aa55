package org.octet.bench.peers;

import java.util.SplittableRandom;

/**
 * The operands of one layer as arrays, from which every competitor makes its own: uint8
 * activations, symmetric int8 weights with a scale for each output channel, a bias; the same layer
 * in float beside it. A linear layer is rows x channels; a convolution has its geometry too.
 *
 * @param rows rows of the input of a linear layer; 1 for a convolution
 * @param k inputs of one output: channels of a group times taps
 * @param n output channels
 * @param conv null for a linear layer
 * @param x codes, row-major, channels last
 * @param w codes, [n][k]; for a convolution [n][channels of a group][tap rows][tap columns]
 */
record Operands(
    int rows,
    int k,
    int n,
    Conv conv,
    byte[] x,
    byte[] w,
    float[] wScales,
    float[] bias,
    float xScale,
    float yScale,
    float[] xFloat,
    float[] wFloat) {
  /** Zero point of the output. */
  static final int Y_ZERO = 128;

  /** A square convolution of one image with padding (kernel - 1) / 2. */
  record Conv(int in, int out, int kernel, int stride, int size, int groups) {
    int pad() {
      return (kernel - 1) / 2;
    }

    int outSize() {
      return (size + 2 * pad() - kernel) / stride + 1;
    }

    /** Nominal multiply-accumulates: taps in the padding count. */
    double macs() {
      return (double) out * (in / groups) * kernel * kernel * outSize() * outSize();
    }
  }

  /** MxKxN. */
  static Operands linear(int m, int k, int n) {
    return make(m, k, n, null, m * k);
  }

  static Operands conv(Conv c) {
    int k = c.in / c.groups * c.kernel * c.kernel;
    return make(1, k, c.out, c, c.size * c.size * c.in);
  }

  /** The same layer with a bias of 0. */
  Operands withoutBias() {
    return new Operands(
        rows, k, n, conv, x, w, wScales, new float[n], xScale, yScale, xFloat, wFloat);
  }

  /** The same layer with codes of 7 bits, 0 to 127, twice as far apart. */
  Operands sevenBits() {
    byte[] half = new byte[x.length];
    for (int i = 0; i < half.length; i++) {
      half[i] = (byte) ((x[i] & 0xff) >> 1);
    }
    return new Operands(
        rows, k, n, conv, half, w, wScales, bias, 2 * xScale, yScale, xFloat, wFloat);
  }

  /** Elements of the output. */
  int outputs() {
    return n * (conv == null ? rows : conv.outSize() * conv.outSize());
  }

  /** The bias as ONNX wants it: int32 in units of xScale * wScales[i]. */
  int[] intBias() {
    int[] out = new int[n];
    for (int i = 0; i < n; i++) {
      out[i] = (int) Math.rint((double) bias[i] / ((double) xScale * wScales[i]));
    }
    return out;
  }

  private static Operands make(int rows, int k, int n, Conv conv, int inputs) {
    SplittableRandom random = new SplittableRandom(42);
    byte[] x = new byte[inputs];
    random.nextBytes(x);
    float[] xFloat = new float[inputs];
    for (int i = 0; i < inputs; i++) {
      xFloat[i] = (float) ((random.nextDouble() * 2 - 1) * 2.5);
    }
    byte[] w = new byte[n * k];
    random.nextBytes(w);
    float[] wScales = new float[n];
    float[] bias = new float[n];
    float[] wFloat = new float[n * k];
    for (int i = 0; i < n; i++) {
      wScales[i] = (float) (0.001 + 0.0005 * random.nextDouble());
      bias[i] = (float) ((random.nextDouble() * 2 - 1) * 0.5);
      for (int j = i * k; j < (i + 1) * k; j++) {
        w[j] = w[j] == -128 ? 0 : w[j];
        wFloat[j] = w[j] * wScales[i];
      }
    }
    float yScale = (float) (0.12 * Math.sqrt(k) / 64);
    return new Operands(rows, k, n, conv, x, w, wScales, bias, 0.02f, yScale, xFloat, wFloat);
  }
}
