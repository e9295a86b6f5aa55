package org.octet.nn;

import org.octet.tensor.Tensor;

/** Batch normalisation of [N, C, D, H, W] over everything but C; see {@link BatchNorm}. */
public class BatchNorm3d extends BatchNorm {
  /** PyTorch's defaults: eps 1e-5, momentum 0.1, with scale and shift. */
  public BatchNorm3d(int numFeatures) {
    this(numFeatures, 1e-5, 0.1, true);
  }

  /** All options. */
  public BatchNorm3d(int numFeatures, double eps, double momentum, boolean affine) {
    super(numFeatures, eps, momentum, affine);
  }

  @Override
  void checkRank(Tensor x) {
    if (x.shape().rank() != 5) {
      throw wrongRank(x, "[N, C, D, H, W]");
    }
  }
}
