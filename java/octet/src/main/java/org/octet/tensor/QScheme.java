package org.octet.tensor;

/** Granularity and symmetry of quantization, as in PyTorch. */
public enum QScheme {
  /** One scale and zero point for the whole tensor. */
  PER_TENSOR_AFFINE(false, false),
  /** One scale for the whole tensor; the zero point is the middle of the range. */
  PER_TENSOR_SYMMETRIC(false, true),
  /** A scale and zero point for each index of an axis. */
  PER_CHANNEL_AFFINE(true, false),
  /** A scale for each index of an axis; zero points are the middle of the range. */
  PER_CHANNEL_SYMMETRIC(true, true),
  /**
   * A scale and a zero point that is a float for each index of an axis: the rows of embeddings. The
   * range need not contain zero.
   */
  PER_CHANNEL_AFFINE_FLOAT_QPARAMS(true, false);

  private final boolean perChannel;
  private final boolean symmetric;

  QScheme(boolean perChannel, boolean symmetric) {
    this.perChannel = perChannel;
    this.symmetric = symmetric;
  }

  /** Whether there is one scale for each index of an axis. */
  public boolean isPerChannel() {
    return perChannel;
  }

  /** Whether observers make the range symmetric around zero. */
  public boolean isSymmetric() {
    return symmetric;
  }

  /** Whether zero points are floats. */
  public boolean hasFloatZeroPoints() {
    return this == PER_CHANNEL_AFFINE_FLOAT_QPARAMS;
  }

  /** PyTorch's name, for example "per_tensor_affine". */
  public String torchName() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
