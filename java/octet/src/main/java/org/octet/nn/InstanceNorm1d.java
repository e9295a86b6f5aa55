package org.octet.nn;

import org.octet.ops.NormOp;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Normalises each channel of each image of a float32 tensor [N, C, L]. No running statistics are
 * kept (PyTorch's default). State: weight, bias, both [C], only if affine.
 */
public class InstanceNorm1d extends Norm {
  /** With eps 1e-5, without weight and bias, as PyTorch's default. */
  public InstanceNorm1d(int numFeatures) {
    this(numFeatures, 1e-5, false);
  }

  /** All options. */
  public InstanceNorm1d(int numFeatures, double eps, boolean affine) {
    super(NormOp.instance(eps, null), Shape.of(numFeatures), affine);
  }

  /**
   * Normalises.
   *
   * @throws ShapeException if the input is not [N, C, L]
   */
  @Override
  public Tensor forward(Tensor... in) {
    if (in[0].shape().rank() != 3) {
      throw new ShapeException("{module} got shape " + in[0].shape() + "; expected [N, C, L].");
    }
    return super.forward(in);
  }
}
