package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.octet.tensor.Storage;

/**
 * Convolution as the sum over (ky, kx, c) that octet_kinds.h writes, one output value at a time.
 */
final class PlainConv {
  private final int cin;
  private final int cout;
  private final int groups;
  private final int[] g;
  private final int n;
  private final int h;
  private final int w;
  private final int oh;
  private final int ow;

  /**
   * @param g KH KW SH SW pad_top pad_left pad_bottom pad_right DH DW
   */
  PlainConv(int cin, int cout, int groups, int[] g, int n, int h, int w) {
    this.cin = cin;
    this.cout = cout;
    this.groups = groups;
    this.g = g;
    this.n = n;
    this.h = h;
    this.w = w;
    oh = (h + g[4] + g[6] - g[8] * (g[0] - 1) - 1) / g[2] + 1;
    ow = (w + g[5] + g[7] - g[9] * (g[1] - 1) - 1) / g[3] + 1;
  }

  private Attributes.Builder geometry(Attributes.Builder a) {
    for (int v : g) {
      a.ints(v);
    }
    return a.ints(groups);
  }

  /** Called with the index of an input value and of its weight. */
  private interface Tap {
    void at(int x, int w);
  }

  private void taps(int b, int oy, int ox, int o, Tap tap) {
    int cg = cin / groups;
    for (int ky = 0; ky < g[0]; ky++) {
      for (int kx = 0; kx < g[1]; kx++) {
        for (int c = 0; c < cg; c++) {
          int iy = oy * g[2] - g[4] + ky * g[8];
          int ix = ox * g[3] - g[5] + kx * g[9];
          if (iy >= 0 && iy < h && ix >= 0 && ix < w) {
            int channel = o / (cout / groups) * cg + c;
            tap.at(((b * h + iy) * w + ix) * cin + channel, ((o * g[0] + ky) * g[1] + kx) * cg + c);
          }
        }
      }
    }
  }

  void compareQ8(Backend backend, Random random) {
    int zx = random.nextInt(256);
    int zy = random.nextInt(256);
    byte[] x = new byte[n * h * w * cin];
    byte[] wt = new byte[cout * g[0] * g[1] * (cin / groups)];
    random.nextBytes(x);
    random.nextBytes(wt);
    int[] zw = new int[cout];
    int[] bias = new int[cout];
    float[] m = new float[cout];
    for (int o = 0; o < cout; o++) {
      zw[o] = random.nextInt(256) - 128;
      bias[o] = random.nextInt(20000) - 10000;
      m[o] = random.nextFloat() * 0.002f;
    }
    byte[] expected = new byte[n * oh * ow * cout];
    int at = 0;
    for (int b = 0; b < n; b++) {
      for (int oy = 0; oy < oh; oy++) {
        for (int ox = 0; ox < ow; ox++) {
          for (int o = 0; o < cout; o++) {
            int[] sum = {bias[o]};
            int zo = zw[o];
            taps(b, oy, ox, o, (i, k) -> sum[0] += ((x[i] & 255) - zx) * (wt[k] - zo));
            double t = Math.rint((double) ((float) sum[0] * m[o]));
            expected[at++] = (byte) (int) Math.max(3, Math.min(250, t + zy));
          }
        }
      }
    }
    Attributes.Builder a =
        geometry(Attributes.builder().ints(0, 0, cin, cout)).ints(zx, zy, 3, 250);
    OperatorSpec spec =
        Buffers.spec(
            OpKind.CONV_Q8,
            a,
            Buffers.raw(wt),
            Buffers.floats(m),
            Buffers.ints(zw),
            Buffers.ints(bias));
    assertArrayEquals(expected, Buffers.run(backend, spec, new int[] {n, h, w}, Buffers.raw(x)));
  }

  void compareF32(Backend backend, Random random) {
    float[] x = new float[n * h * w * cin];
    float[] wt = new float[cout * g[0] * g[1] * (cin / groups)];
    float[] bias = new float[cout];
    for (float[] f : new float[][] {x, wt, bias}) {
      for (int i = 0; i < f.length; i++) {
        f[i] = (float) random.nextGaussian();
      }
    }
    boolean hasBias = random.nextBoolean();
    float[] expected = new float[n * oh * ow * cout];
    int at = 0;
    for (int b = 0; b < n; b++) {
      for (int oy = 0; oy < oh; oy++) {
        for (int ox = 0; ox < ow; ox++) {
          for (int o = 0; o < cout; o++) {
            float[] sum = {0f};
            taps(b, oy, ox, o, (i, k) -> sum[0] = Math.fma(x[i], wt[k], sum[0]));
            float v = hasBias ? sum[0] + bias[o] : sum[0];
            expected[at++] = v < -2f ? -2f : v > 3f ? 3f : v;
          }
        }
      }
    }
    Attributes.Builder a = geometry(Attributes.builder().ints(cin, cout)).floats(-2f, 3f);
    Storage b = hasBias ? Buffers.floats(bias) : null;
    OperatorSpec spec = Buffers.spec(OpKind.CONV_F32, a, Buffers.floats(wt), b);
    assertArrayEquals(
        expected,
        Buffers.toFloats(Buffers.run(backend, spec, new int[] {n, h, w}, Buffers.floats(x))));
  }
}
