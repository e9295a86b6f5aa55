package org.octet.nn.intrinsic.quantized;

import org.octet.nn.BatchNorm2d;
import org.octet.nn.quantized.QuantizedBatchNorm;
import org.octet.ops.Activation;
import org.octet.tensor.QParams;

/** Batch norm [N, C, H, W] and ReLU in one: the result's codes do not fall below its zero point. */
public final class QuantizedBNReLU2d extends QuantizedBatchNorm {
  /** A normalisation with copies of a float module's tensors. */
  public QuantizedBNReLU2d(BatchNorm2d bn, QParams output) {
    super(bn, output, Activation.RELU);
  }
}
