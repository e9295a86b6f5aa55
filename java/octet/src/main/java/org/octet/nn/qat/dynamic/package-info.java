/**
 * Layers for training with rounded weights and inputs that become dynamically quantized ones
 * (PyTorch's nn.qat.dynamic).
 */
package org.octet.nn.qat.dynamic;
