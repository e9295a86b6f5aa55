/**
 * Modules with qint8 weights whose inputs are quantized while they run (PyTorch's
 * torch.ao.nn.quantized.dynamic).
 */
package org.octet.nn.quantized.dynamic;
