package org.octet.ops;

import java.util.Map;
import java.util.TreeMap;
import org.octet.backend.Attributes;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * The window of a transposed convolution.
 *
 * <p>It is computed as a convolution of stride 1 with the mirrored kernel, over the input stretched
 * by the stride: between neighbours stand places that hold nothing.
 *
 * @param conv the convolution whose gradient for the input this is: kernel, stride, padding,
 *     dilation, groups as PyTorch's ConvTranspose has them
 * @param outputPadD what the result is longer along its depth
 * @param outputPadH what the result is longer along its height
 * @param outputPadW what the result is longer along its width
 */
public record TransposedGeometry(
    ConvGeometry conv, int outputPadD, int outputPadH, int outputPadW) {
  /** Checks what the convolution alone does not. */
  public TransposedGeometry {
    check("depth", outputPadD, conv.strideD());
    check("height", outputPadH, conv.strideH());
    check("width", outputPadW, conv.strideW());
    check("depth", conv.padFront(), conv.padBack(), conv.kernelD(), conv.dilationD());
    check("height", conv.padTop(), conv.padBottom(), conv.kernelH(), conv.dilationH());
    check("width", conv.padLeft(), conv.padRight(), conv.kernelW(), conv.dilationW());
  }

  /** Without output padding. */
  public TransposedGeometry(ConvGeometry conv) {
    this(conv, 0, 0, 0);
  }

  private static void check(String axis, int outputPad, int stride) {
    if (outputPad < 0 || outputPad >= stride) {
      throw new OctetException(
          "A transposed convolution got the output padding "
              + outputPad
              + " along its "
              + axis
              + "; expected 0 to less than the stride, "
              + stride
              + ".");
    }
  }

  private static void check(String axis, int before, int after, int kernel, int dilation) {
    int most = dilation * (kernel - 1);
    if (before > most || after > most) {
      throw new OctetException(
          "A transposed convolution got the padding "
              + Math.max(before, after)
              + " along its "
              + axis
              + "; expected at most "
              + most
              + ", dilation * (kernel - 1).");
    }
  }

  /** Size of the result along depth. */
  public int outD(int d) {
    ConvGeometry g = conv;
    int pad = g.padFront() + g.padBack();
    return out("depth", d, g.kernelD(), g.strideD(), pad, g.dilationD(), outputPadD);
  }

  /** Height of the result. */
  public int outH(int h) {
    ConvGeometry g = conv;
    int pad = g.padTop() + g.padBottom();
    return out("height", h, g.kernelH(), g.strideH(), pad, g.dilationH(), outputPadH);
  }

  /** Width of the result. */
  public int outW(int w) {
    ConvGeometry g = conv;
    int pad = g.padLeft() + g.padRight();
    return out("width", w, g.kernelW(), g.strideW(), pad, g.dilationW(), outputPadW);
  }

  private static int out(
      String axis, int size, int kernel, int stride, int pad, int dilation, int outputPad) {
    int out = (size - 1) * stride - pad + dilation * (kernel - 1) + outputPad + 1;
    if (out < 1) {
      throw new ShapeException(
          "A transposed convolution of an input of "
              + axis
              + " "
              + size
              + " would have no output: padding "
              + pad
              + " takes all; use a larger input or less padding.");
    }
    return out;
  }

  /** Output shape; checks x and bias against the weight, [in, out / groups, kernel...]. */
  Shape output(String op, Tensor x, Shape weight, Tensor bias) {
    Shape s = x.shape();
    int channels = weight.dim(1) * conv.groups();
    if (bias != null && !bias.shape().equals(Shape.of(channels))) {
      throw new ShapeException(
          "Op " + op + " got a bias of shape " + bias.shape() + "; expected [" + channels + "].");
    }
    Checks.notEmpty(op, x);
    if (s.rank() != weight.rank() || s.dim(1) != weight.dim(0)) {
      throw new ShapeException(
          "Transposed convolution got an input of shape "
              + s
              + "; expected "
              + weight.rank()
              + " dimensions with "
              + weight.dim(0)
              + " channels in dimension 1, as its weight "
              + weight
              + " says.");
    }
    Shape result = s.with(1, channels).with(-1, outW(s.dim(-1)));
    result = s.rank() > 3 ? result.with(-2, outH(s.dim(-2))) : result;
    return s.rank() > 4 ? result.with(-3, outD(s.dim(-3))) : result;
  }

  /** {N, D, H, W} as kernels see it. */
  static int[] dims(Tensor x) {
    Shape s = x.shape();
    int rank = s.rank();
    return new int[] {s.dim(0), rank > 4 ? s.dim(-3) : 1, rank > 3 ? s.dim(-2) : 1, s.dim(-1)};
  }

  /** The window over the stretched input. */
  ConvGeometry mirrored() {
    ConvGeometry g = conv;
    int d = g.dilationD() * (g.kernelD() - 1);
    int h = g.dilationH() * (g.kernelH() - 1);
    int w = g.dilationW() * (g.kernelW() - 1);
    return new ConvGeometry(
            g.kernelH(),
            g.kernelW(),
            1,
            1,
            h - g.padTop(),
            w - g.padLeft(),
            h - g.padBottom() + outputPadH,
            w - g.padRight() + outputPadW,
            g.dilationH(),
            g.dilationW(),
            g.groups())
        .withDepth(g.kernelD(), 1, d - g.padFront(), d - g.padBack() + outputPadD, g.dilationD());
  }

  /** Appends {KD SD pad_front pad_back DD UD UH UW} of {@link #mirrored()}. */
  Attributes.Builder appendTo(Attributes.Builder b) {
    return mirrored().appendDepthTo(b).ints(conv.strideD(), conv.strideH(), conv.strideW());
  }

  /** A weight [in, out / groups, kernel...] as that of the mirrored convolution. */
  FloatTensor mirrored(FloatTensor weight) {
    float[] v = weight.toArray();
    float[] out = new float[v.length];
    int[] dims = weight.shape().dims();
    for (int i = 0; i < v.length; i++) {
      out[place(i, dims)] = v[i];
    }
    return FloatTensor.of(out, mirroredDims(dims));
  }

  /** The same; one scale for each output channel of a group becomes one for each output channel. */
  QuantizedTensor mirrored(QuantizedTensor weight) {
    int[] v = weight.intRepr();
    int[] out = new int[v.length];
    int[] dims = weight.shape().dims();
    for (int i = 0; i < v.length; i++) {
      out[place(i, dims)] = v[i];
    }
    QParams q = weight.qparams();
    if (q.isPerChannel()) {
      float[] scales = new float[dims[1] * conv.groups()];
      int[] zeroPoints = new int[scales.length];
      for (int c = 0; c < scales.length; c++) {
        scales[c] = q.scale(c % dims[1]);
        zeroPoints[c] = q.zeroPoint(c % dims[1]);
      }
      q = QParams.perChannel(scales, zeroPoints, 0, q.dtype());
    }
    return QuantizedTensor.ofCodes(out, q, mirroredDims(dims));
  }

  private int[] mirroredDims(int[] dims) {
    int[] out = dims.clone();
    out[0] = dims[1] * conv.groups();
    out[1] = dims[0] / conv.groups();
    return out;
  }

  private int place(int i, int[] dims) {
    int taps = conv.taps();
    int inPerGroup = dims[0] / conv.groups();
    int tap = i % taps;
    int out = i / taps % dims[1];
    int in = i / taps / dims[1];
    int channel = in / inPerGroup * dims[1] + out;
    return (channel * inPerGroup + in % inPerGroup) * taps + taps - 1 - tap;
  }

  /** ONNX names and values, for reports and files. */
  public Map<String, Object> attributes() {
    Map<String, Object> m = new TreeMap<>(conv.attributes());
    m.put(
        "output_padding",
        conv.isPlanar()
            ? java.util.List.of(outputPadH, outputPadW)
            : java.util.List.of(outputPadD, outputPadH, outputPadW));
    return m;
  }
}
