package org.octet.ops;

/**
 * Where an average of codes is rounded; it decides ties, and only where the zero point is odd.
 * PyTorch has both, one for each memory format; Octet keeps images in one format and names the
 * rule.
 */
public enum PoolRounding {
  /** {@code rint(mean) + zeroPoint}: the default, and PyTorch's channels-last kernel. */
  BEFORE_ZERO_POINT,
  /** {@code rint(mean + zeroPoint)}: PyTorch's kernel for contiguous (NCHW) memory. */
  AFTER_ZERO_POINT
}
