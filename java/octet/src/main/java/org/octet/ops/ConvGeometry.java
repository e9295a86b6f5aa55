package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.tensor.OctetException;
import org.octet.tensor.ShapeException;

/**
 * Window geometry shared by convolutions and pools, always two-dimensional; one-dimensional ops use
 * height 1.
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
    int groups) {
  /** Checks that everything is positive and padding is not negative. */
  public ConvGeometry {
    if (kernelH < 1
        || kernelW < 1
        || strideH < 1
        || strideW < 1
        || dilationH < 1
        || dilationW < 1
        || groups < 1
        || padTop < 0
        || padLeft < 0
        || padBottom < 0
        || padRight < 0) {
      throw new OctetException(
          "Kernel, stride, dilation and groups must be at least 1 and padding at least 0; found kernel "
              + kernelH
              + "x"
              + kernelW
              + ", stride "
              + strideH
              + "x"
              + strideW
              + ", padding "
              + padTop
              + ","
              + padLeft
              + ","
              + padBottom
              + ","
              + padRight
              + ", dilation "
              + dilationH
              + "x"
              + dilationW
              + ", groups "
              + groups
              + ".");
    }
  }

  /** Square 2-D geometry with the same padding on all sides. */
  public static ConvGeometry square(int kernel, int stride, int padding, int dilation, int groups) {
    return new ConvGeometry(
        kernel, kernel, stride, stride, padding, padding, padding, padding, dilation, dilation,
        groups);
  }

  /** 1-D geometry along the width. */
  public static ConvGeometry line(int kernel, int stride, int padding, int dilation, int groups) {
    return new ConvGeometry(1, kernel, 1, stride, 0, padding, 0, padding, 1, dilation, groups);
  }

  /** A linear layer: 1x1 without padding. */
  public static final ConvGeometry POINT = square(1, 1, 0, 1, 1);

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

  /** ONNX names and values, for reports and files. */
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("kernel_shape", List.of(kernelH, kernelW));
    m.put("strides", List.of(strideH, strideW));
    m.put("pads", List.of(padTop, padLeft, padBottom, padRight));
    m.put("dilations", List.of(dilationH, dilationW));
    m.put("group", groups);
    return m;
  }
}
