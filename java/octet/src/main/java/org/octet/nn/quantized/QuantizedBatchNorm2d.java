package org.octet.nn.quantized;

import org.octet.nn.BatchNorm2d;
import org.octet.ops.Activation;
import org.octet.tensor.QParams;

/** Batch norm of 8-bit codes [N, C, H, W]. */
public final class QuantizedBatchNorm2d extends QuantizedBatchNorm {
  /** A normalisation with copies of a float module's tensors. */
  public QuantizedBatchNorm2d(BatchNorm2d bn, QParams output) {
    super(bn, output, Activation.NONE);
  }
}
