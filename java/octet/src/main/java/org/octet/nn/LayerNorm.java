package org.octet.nn;

import org.octet.ops.NormOp;
import org.octet.tensor.Shape;

/**
 * Normalises the last dimensions of a float32 tensor: each slice of them has its own mean and
 * variance. State: weight, bias, both of the normalized shape.
 */
public class LayerNorm extends Norm {
  private final Shape normalizedShape;

  /** With eps 1e-5, a weight and a bias. */
  public LayerNorm(int... normalizedShape) {
    this(Shape.of(normalizedShape), 1e-5, true);
  }

  /**
   * All options.
   *
   * @param normalizedShape sizes of the last dimensions
   */
  public LayerNorm(Shape normalizedShape, double eps, boolean elementwiseAffine) {
    super(NormOp.layer(normalizedShape, eps, null), normalizedShape, elementwiseAffine);
    this.normalizedShape = normalizedShape;
  }

  /** Sizes of the last dimensions. */
  public final Shape normalizedShape() {
    return normalizedShape;
  }
}
