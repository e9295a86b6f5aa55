package org.octet.quantization;

import org.octet.nn.Module;
import org.octet.tensor.Tensor;

/**
 * Marks where a model's float input becomes quantized: returns its input until {@code convert}
 * makes it a Quantize.
 */
public class QuantStub extends Module {
  @Override
  public Tensor forward(Tensor... in) {
    return in[0];
  }
}
