package org.octet.ops;

import org.octet.tensor.Codes;
import org.octet.tensor.QParams;

/**
 * The bounds that an epilogue clamps codes to: the dtype's range, narrowed by an activation.
 *
 * @param min smallest code
 * @param max largest code
 */
record CodeRange(int min, int max) {
  /**
   * ReLU raises the smallest code to the zero point; ReLU6 also lowers the largest one to that of
   * 6.
   */
  static CodeRange of(QParams output, Activation activation) {
    int min = output.dtype().quantMin();
    int max = output.dtype().quantMax();
    int zeroPoint = output.zeroPoint();
    return switch (activation) {
      case NONE -> new CodeRange(min, max);
      case RELU -> new CodeRange(zeroPoint, max);
      case RELU6 ->
          new CodeRange(zeroPoint, Codes.quantize(6f, 1f / output.scale(), zeroPoint, min, max));
    };
  }

  static CodeRange of(QParams output, boolean relu) {
    return of(output, relu ? Activation.RELU : Activation.NONE);
  }
}
