package org.octet.nn.intrinsic.quantized;

import org.octet.nn.quantized.QuantizedLinear;
import org.octet.ops.Activation;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/** 8-bit linear layer and ReLU in one: the result's codes do not fall below its zero point. */
public final class QuantizedLinearReLU extends QuantizedLinear {
  /** A layer of given tensors, as {@link QuantizedLinear}. */
  public QuantizedLinearReLU(QuantizedTensor weight, FloatTensor bias, QParams output) {
    super(weight, bias, output, Activation.RELU);
  }
}
