/**
 * Layers for quantization-aware training (PyTorch's torch.ao.nn.qat): their weight runs through a
 * fake quantizer. State as the float layer's, and weight_fake_quant.
 */
package org.octet.nn.qat;
