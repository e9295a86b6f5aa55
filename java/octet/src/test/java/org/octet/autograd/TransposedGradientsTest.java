package org.octet.autograd;

import static org.octet.autograd.GradientCheck.check;
import static org.octet.autograd.GradientCheck.random;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvTransposeOp;
import org.octet.ops.TransposedGeometry;
import org.octet.tensor.FloatTensor;

/** Transposed convolutions, forward and backward, against plain loops that scatter in double. */
class TransposedGradientsTest {
  @Property(tries = 60)
  void threeDimensions(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int groups,
      @ForAll @IntRange(min = 1, max = 3) int stride,
      @ForAll boolean bias) {
    Random r = new Random(seed);
    int kd = 1 + r.nextInt(3);
    int kh = 1 + r.nextInt(3);
    int kw = 1 + r.nextInt(3);
    int dw = 1 + r.nextInt(2);
    int padW = r.nextInt(1 + dw * (kw - 1));
    ConvGeometry conv =
        new ConvGeometry(
                kh,
                kw,
                1 + r.nextInt(2),
                stride,
                r.nextInt(kh),
                padW,
                r.nextInt(kh),
                padW,
                1,
                dw,
                groups)
            .withDepth(kd, 1 + r.nextInt(3), r.nextInt(kd), r.nextInt(kd), 1);
    TransposedGeometry g =
        new TransposedGeometry(
            conv, r.nextInt(conv.strideD()), r.nextInt(conv.strideH()), r.nextInt(stride));
    int[] size = {3, 4, 6};
    int n = 1 + r.nextInt(2);
    int c = groups * (1 + r.nextInt(2));
    int o = groups * (1 + r.nextInt(2));
    FloatTensor x = random(r, n, c, size[0], size[1], size[2]);
    FloatTensor w = random(r, c, o / groups, kd, kh, kw);
    FloatTensor b = random(r, o);
    check(
        r,
        t -> new ConvTransposeOp(g, Activation.NONE).apply(t[0], t[1], bias ? t[2] : null),
        v -> scatter(v[0], v[1], bias ? v[2] : null, n, c, size, o, g),
        bias ? new FloatTensor[] {x, w, b} : new FloatTensor[] {x, w});
  }

  @Property(tries = 20)
  void oneDimension(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int stride) {
    Random r = new Random(seed);
    TransposedGeometry g =
        new TransposedGeometry(ConvGeometry.line(3, stride, r.nextInt(3), 1, 2), 0, 0, stride - 1);
    FloatTensor x = random(r, 2, 4, 7);
    FloatTensor w = random(r, 4, 3, 3);
    check(
        r,
        t -> new ConvTransposeOp(g, Activation.NONE).apply(t[0], t[1], null),
        v -> scatter(v[0], v[1], null, 2, 4, new int[] {1, 1, 7}, 6, g),
        x,
        w);
  }

  /** Every value of the input times the kernel, added to the result where it falls. */
  private static double[] scatter(
      double[] x,
      double[] w,
      double[] b,
      int n,
      int c,
      int[] size,
      int o,
      TransposedGeometry geometry) {
    ConvGeometry g = geometry.conv();
    int od = geometry.outD(size[0]);
    int oh = geometry.outH(size[1]);
    int ow = geometry.outW(size[2]);
    double[] y = new double[n * o * od * oh * ow];
    for (int i = 0; b != null && i < y.length; i++) {
      y[i] = b[i / (od * oh * ow) % o];
    }
    int perGroup = o / g.groups();
    for (int i = 0; i < x.length; i++) {
      int ix = i % size[2];
      int iy = i / size[2] % size[1];
      int iz = i / size[2] / size[1] % size[0];
      int ic = i / (size[0] * size[1] * size[2]) % c;
      int image = i / (size[0] * size[1] * size[2]) / c;
      for (int k = 0; k < perGroup * g.taps(); k++) {
        int kx = k % g.kernelW();
        int ky = k / g.kernelW() % g.kernelH();
        int kz = k / g.kernelW() / g.kernelH() % g.kernelD();
        int oc = ic / (c / g.groups()) * perGroup + k / g.taps();
        int oz = iz * g.strideD() - g.padFront() + kz * g.dilationD();
        int oy = iy * g.strideH() - g.padTop() + ky * g.dilationH();
        int ox = ix * g.strideW() - g.padLeft() + kx * g.dilationW();
        if (oz >= 0 && oz < od && oy >= 0 && oy < oh && ox >= 0 && ox < ow) {
          y[(((image * o + oc) * od + oz) * oh + oy) * ow + ox] +=
              x[i] * w[ic * perGroup * g.taps() + k];
        }
      }
    }
    return y;
  }
}
