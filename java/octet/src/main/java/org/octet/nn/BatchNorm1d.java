package org.octet.nn;

import org.octet.tensor.Tensor;

/** Batch normalisation of [N, C] or [N, C, L] over everything but C; see {@link BatchNorm}. */
public class BatchNorm1d extends BatchNorm {
  /** PyTorch's defaults: eps 1e-5, momentum 0.1, with scale and shift. */
  public BatchNorm1d(int numFeatures) {
    this(numFeatures, 1e-5, 0.1, true);
  }

  /** All options. */
  public BatchNorm1d(int numFeatures, double eps, double momentum, boolean affine) {
    super(numFeatures, eps, momentum, affine);
  }

  @Override
  void checkRank(Tensor x) {
    if (x.shape().rank() != 2 && x.shape().rank() != 3) {
      throw wrongRank(x, "[N, C] or [N, C, L]");
    }
  }
}
