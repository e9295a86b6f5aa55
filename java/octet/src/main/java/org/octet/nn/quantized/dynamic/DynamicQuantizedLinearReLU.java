package org.octet.nn.quantized.dynamic;

import org.octet.ops.Activation;
import org.octet.ops.DynamicLinearOp;
import org.octet.ops.DynamicLinearOp.Granularity;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;

/** {@link DynamicQuantizedLinear} and ReLU in one. */
public final class DynamicQuantizedLinearReLU extends DynamicQuantizedLinear {
  /** A layer with one scale for the whole input, as PyTorch's. */
  public DynamicQuantizedLinearReLU(QuantizedTensor weight, FloatTensor bias, boolean reduceRange) {
    this(weight, bias, reduceRange, Granularity.PER_TENSOR);
  }

  /** A layer with one scale for the whole input or for each row of it. */
  public DynamicQuantizedLinearReLU(
      QuantizedTensor weight, FloatTensor bias, boolean reduceRange, Granularity granularity) {
    super(weight, bias, new DynamicLinearOp(reduceRange, granularity, Activation.RELU));
  }
}
