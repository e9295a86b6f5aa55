package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.octet.backend.Attributes;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;

/**
 * Window geometry shared by convolutions and pools. Ops of one dimension use height 1; those of one
 * or two use depth 1, without stride or padding along it.
 */
public record ConvGeometry(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    int dilationH,
    int dilationW,
    int groups,
    int kernelD,
    int strideD,
    int padFront,
    int padBack,
    int dilationD) {
  /** Checks that everything is positive and padding is not negative. */
  public ConvGeometry {
    int least =
        IntStream.of(
                kernelD, kernelH, kernelW, strideD, strideH, strideW, dilationD, dilationH,
                dilationW, groups)
            .min()
            .getAsInt();
    int leastPad =
        IntStream.of(padFront, padTop, padLeft, padBack, padBottom, padRight).min().getAsInt();
    if (least < 1 || leastPad < 0) {
      throw new OctetException(
          "Kernel, stride, dilation and groups must be at least 1 and padding at least 0; found kernel "
              + times(kernelD, kernelH, kernelW)
              + ", stride "
              + times(strideD, strideH, strideW)
              + ", padding "
              + padding(padFront, padTop, padLeft, padBack, padBottom, padRight)
              + ", dilation "
              + times(dilationD, dilationH, dilationW)
              + ", groups "
              + groups
              + ".");
    }
  }

  /** Without depth. */
  public ConvGeometry(
      int kernelH,
      int kernelW,
      int strideH,
      int strideW,
      int padTop,
      int padLeft,
      int padBottom,
      int padRight,
      int dilationH,
      int dilationW,
      int groups) {
    this(
        kernelH, kernelW, strideH, strideW, padTop, padLeft, padBottom, padRight, dilationH,
        dilationW, groups, 1, 1, 0, 0, 1);
  }

  /** This with depth. */
  public ConvGeometry withDepth(int kernel, int stride, int padFront, int padBack, int dilation) {
    return new ConvGeometry(
        kernelH, kernelW, strideH, strideW, padTop, padLeft, padBottom, padRight, dilationH,
        dilationW, groups, kernel, stride, padFront, padBack, dilation);
  }

  /** Square 2-D geometry with the same padding on all sides. */
  public static ConvGeometry square(int kernel, int stride, int padding, int dilation, int groups) {
    return new ConvGeometry(
        kernel, kernel, stride, stride, padding, padding, padding, padding, dilation, dilation,
        groups);
  }

  /** Cubic 3-D geometry with the same padding on all sides. */
  public static ConvGeometry cube(int kernel, int stride, int padding, int dilation, int groups) {
    return square(kernel, stride, padding, dilation, groups)
        .withDepth(kernel, stride, padding, padding, dilation);
  }

  /** 1-D geometry along the width. */
  public static ConvGeometry line(int kernel, int stride, int padding, int dilation, int groups) {
    return new ConvGeometry(1, kernel, 1, stride, 0, padding, 0, padding, 1, dilation, groups);
  }

  /** A linear layer: 1x1 without padding. */
  public static final ConvGeometry POINT = square(1, 1, 0, 1, 1);

  /**
   * Output depth of an input of depth {@code d}.
   *
   * @throws ShapeException if the window does not fit
   */
  public int outD(int d) {
    return out(d, kernelD, strideD, padFront + padBack, dilationD, "depth");
  }

  /**
   * Output height of an input of height {@code h}.
   *
   * @throws ShapeException if the window does not fit
   */
  public int outH(int h) {
    return out(h, kernelH, strideH, padTop + padBottom, dilationH, "height");
  }

  /**
   * Output width of an input of width {@code w}.
   *
   * @throws ShapeException if the window does not fit
   */
  public int outW(int w) {
    return out(w, kernelW, strideW, padLeft + padRight, dilationW, "width");
  }

  private static int out(int size, int kernel, int stride, int pad, int dilation, String what) {
    int span = dilation * (kernel - 1) + 1;
    if (size + pad < span) {
      throw new ShapeException(
          "Input "
              + what
              + " "
              + size
              + " with padding "
              + pad
              + " is smaller than the window, "
              + span
              + "; use a larger input or more padding.");
    }
    return (size + pad - span) / stride + 1;
  }

  /** Appends {KH KW SH SW pad_top pad_left pad_bottom pad_right DH DW groups}. */
  public Attributes.Builder appendTo(Attributes.Builder b) {
    return b.ints(
        kernelH, kernelW, strideH, strideW, padTop, padLeft, padBottom, padRight, dilationH,
        dilationW, groups);
  }

  /** Appends {KD SD pad_front pad_back DD}. */
  Attributes.Builder appendDepthTo(Attributes.Builder b) {
    return b.ints(kernelD, strideD, padFront, padBack, dilationD);
  }

  /** Whether there is nothing to depth: every slice is an image of its own. */
  public boolean isPlanar() {
    return kernelD == 1 && strideD == 1 && padFront == 0 && padBack == 0 && dilationD == 1;
  }

  /** Taps of the window. */
  public int taps() {
    return kernelD * kernelH * kernelW;
  }

  /** ONNX names and values, for reports and files; those of depth only where there is any. */
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    boolean planar = isPlanar();
    m.put("kernel_shape", axes(planar, kernelD, kernelH, kernelW));
    m.put("strides", axes(planar, strideD, strideH, strideW));
    m.put(
        "pads",
        planar
            ? List.of(padTop, padLeft, padBottom, padRight)
            : List.of(padFront, padTop, padLeft, padBack, padBottom, padRight));
    m.put("dilations", axes(planar, dilationD, dilationH, dilationW));
    m.put("group", groups);
    return m;
  }

  private static List<Integer> axes(boolean planar, int d, int h, int w) {
    return planar ? List.of(h, w) : List.of(d, h, w);
  }

  /** "3x3, stride 1x1, padding 1,1,1,1", with depth first where there is any. */
  public String describe() {
    boolean planar = isPlanar();
    return kernelText()
        + ", stride "
        + times(planar ? 0 : strideD, strideH, strideW)
        + ", padding "
        + (planar
            ? padTop + "," + padLeft + "," + padBottom + "," + padRight
            : padding(padFront, padTop, padLeft, padBack, padBottom, padRight));
  }

  /** "3x3", with depth first where there is any. */
  public String kernelText() {
    return times(isPlanar() ? 0 : kernelD, kernelH, kernelW);
  }

  /**
   * Whether a convolution of {@code rank - 2} dimensions with this window can have this weight,
   * [out, in / groups, kernel...].
   */
  public boolean fits(Shape weight, int rank) {
    return weight.rank() == rank
        && weight.dim(-1) == kernelW
        && (rank > 3 ? weight.dim(-2) : 1) == kernelH
        && (rank > 4 ? weight.dim(-3) == kernelD : isPlanar())
        && weight.dim(0) % groups == 0;
  }

  private static String times(int d, int h, int w) {
    return (d == 0 ? "" : d + "x") + h + "x" + w;
  }

  private static String padding(int... pads) {
    return IntStream.of(pads).mapToObj(String::valueOf).collect(Collectors.joining(","));
  }
}
