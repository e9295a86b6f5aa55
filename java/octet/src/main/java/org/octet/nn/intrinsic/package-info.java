/**
 * Float modules that fusion merges (PyTorch's torch.ao.nn.intrinsic). Each is a Sequential of its
 * parts, so state keys are "0.weight" and so on, and counts as one layer for observers and
 * conversion.
 */
package org.octet.nn.intrinsic;
