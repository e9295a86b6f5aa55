package org.octet.quantization;

import org.octet.nn.Module;
import org.octet.tensor.Tensor;

/**
 * A model with a QuantStub before its first input and a DeQuantStub behind it, for models that have
 * none. Children: quant, dequant, module.
 */
public class QuantWrapper extends Module {
  private final Key quant = child("quant", new QuantStub());
  private final Key dequant = child("dequant", new DeQuantStub());
  private final Key module;

  /** Wraps {@code module}, which is not copied. */
  public QuantWrapper(Module module) {
    this.module = child("module", module);
    train(module.isTraining());
  }

  @Override
  public Tensor forward(Tensor... in) {
    Tensor[] inputs = in.clone();
    inputs[0] = run(quant, in[0]);
    return run(dequant, run(module, inputs));
  }
}
