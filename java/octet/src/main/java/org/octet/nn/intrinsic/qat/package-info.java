/**
 * Fused layers for quantization-aware training (PyTorch's torch.ao.nn.intrinsic.qat), those with
 * batch normalisation among them: {@link org.octet.nn.intrinsic.qat.FoldsBatchNorm}.
 */
package org.octet.nn.intrinsic.qat;
