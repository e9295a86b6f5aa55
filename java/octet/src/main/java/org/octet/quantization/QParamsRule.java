package org.octet.quantization;

/** How a fused fake quantizer turns a minimum and maximum into scale and zero point. */
public enum QParamsRule {
  /**
   * By the observer's rule, which convert uses too: the model that is deployed has the parameters
   * that it was trained with. The default. Activations have codes 0..255 with every engine, since
   * quantized layers clamp to these; Octet's kernels need no halved range.
   */
  OBSERVER,
  /**
   * As PyTorch: while it trains by the rule of its fused kernel (that of dynamic quantization), and
   * in convert by the observer's. The two differ in how they treat symmetric ranges and small
   * scales. With the engines x86 and fbgemm activations are clamped to codes 0..127 while training,
   * and not afterwards.
   */
  TORCH
}
