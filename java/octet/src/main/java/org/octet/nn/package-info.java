/**
 * Float modules: the layers and containers that models are built of, named as in PyTorch's
 * torch.nn.
 */
package org.octet.nn;
