package org.octet.nn.intrinsic.quantized;

import org.octet.nn.BatchNorm3d;
import org.octet.nn.quantized.QuantizedBatchNorm;
import org.octet.ops.Activation;
import org.octet.tensor.QParams;

/**
 * Batch norm [N, C, D, H, W] and ReLU in one: the result's codes do not fall below its zero point.
 */
public final class QuantizedBNReLU3d extends QuantizedBatchNorm {
  /** A normalisation with copies of a float module's tensors. */
  public QuantizedBNReLU3d(BatchNorm3d bn, QParams output) {
    super(bn, output, Activation.RELU);
  }
}
