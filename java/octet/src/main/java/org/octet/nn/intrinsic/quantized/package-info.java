/** Quantized modules with a fused activation (PyTorch's torch.ao.nn.intrinsic.quantized). */
package org.octet.nn.intrinsic.quantized;
