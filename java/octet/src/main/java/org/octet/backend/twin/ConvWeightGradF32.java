package org.octet.backend.twin;

import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/**
 * CONV_WEIGHT_GRAD: sums over pixels for each weight, in parts of the images that are then added.
 */
final class ConvWeightGradF32 implements Kernel {
  /** Cin, Cout, KH, KW, SH, SW, four pads, DH, DW, groups. */
  private final int[] a = new int[13];

  ConvWeightGradF32(Attributes attributes) {
    for (int i = 0; i < a.length; i++) {
      a[i] = attributes.getInt(i);
    }
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int images = dims[0];
    int h = dims[1];
    int w = dims[2];
    int cin = a[0];
    int cout = a[1];
    int oh = (h + a[6] + a[8] - a[10] * (a[2] - 1) - 1) / a[4] + 1;
    int ow = (w + a[7] + a[9] - a[11] * (a[3] - 1) - 1) / a[5] + 1;
    float[] x = in[0].floats(images * h * w * cin);
    float[] g = in[1].floats(images * oh * ow * cout);
    int inputs = cin / a[12];
    float[] sum = new float[cout * a[2] * a[3] * inputs];
    for (int n = 0; n < images; n++) {
      for (int o = 0; o < cout; o++) {
        int first = o / (cout / a[12]) * inputs;
        for (int ky = 0; ky < a[2]; ky++) {
          for (int kx = 0; kx < a[3]; kx++) {
            int at = ((o * a[2] + ky) * a[3] + kx) * inputs;
            for (int oy = 0; oy < oh; oy++) {
              int iy = oy * a[4] - a[6] + ky * a[10];
              for (int ox = 0; ox < ow && iy >= 0 && iy < h; ox++) {
                int ix = ox * a[5] - a[7] + kx * a[11];
                if (ix >= 0 && ix < w) {
                  float gradient = g[((n * oh + oy) * ow + ox) * cout + o];
                  int from = ((n * h + iy) * w + ix) * cin + first;
                  for (int i = 0; i < inputs; i++) {
                    sum[at + i] = Fp.fma(gradient, x[from + i], sum[at + i]);
                  }
                }
              }
            }
          }
        }
      }
    }
    out.put(sum);
  }
}
