package org.octet.nn.quantized;

import org.octet.nn.BatchNorm3d;
import org.octet.ops.Activation;
import org.octet.tensor.QParams;

/** Batch norm of 8-bit codes [N, C, D, H, W]. */
public final class QuantizedBatchNorm3d extends QuantizedBatchNorm {
  /** A normalisation with copies of a float module's tensors. */
  public QuantizedBatchNorm3d(BatchNorm3d bn, QParams output) {
    super(bn, output, Activation.NONE);
  }
}
