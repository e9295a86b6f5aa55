package org.octet.nn;

import org.octet.ops.DropoutOp;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * In training mode sets elements to 0 with probability p and scales the others by 1 / (1 - p); else
 * the identity.
 */
public class Dropout extends Module {
  private final double p;

  /** p = 0.5. */
  public Dropout() {
    this(0.5);
  }

  /**
   * Probability {@code p} of a zero.
   *
   * @throws OctetException unless p is in 0..1
   */
  public Dropout(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new OctetException("Dropout got p = " + p + "; expected a probability in 0..1.");
    }
    this.p = p;
  }

  /** The probability of a zero. */
  public final double p() {
    return p;
  }

  @Override
  public Tensor forward(Tensor... in) {
    return isTraining() && p > 0 ? new DropoutOp(p, Init.nextSeed()).apply(in[0]) : in[0];
  }

  @Override
  public String toString() {
    return "Dropout(" + p + ")";
  }
}
