/**
 * Modules that run on 8-bit codes, as convert makes them (PyTorch's torch.ao.nn.quantized). Classes
 * carry a prefix, so that imports never collide with those of {@link org.octet.nn}.
 */
package org.octet.nn.quantized;
