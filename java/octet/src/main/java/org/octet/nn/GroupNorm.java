package org.octet.nn;

import org.octet.ops.NormOp;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;

/**
 * Normalises groups of channels of a float32 tensor [N, C, ...], each with all its pixels. State:
 * weight, bias, both [C].
 */
public class GroupNorm extends Norm {
  private final int numGroups;

  /** With eps 1e-5, a weight and a bias. */
  public GroupNorm(int numGroups, int numChannels) {
    this(numGroups, numChannels, 1e-5, true);
  }

  /**
   * All options.
   *
   * @throws ShapeException if the groups do not divide the channels
   */
  public GroupNorm(int numGroups, int numChannels, double eps, boolean affine) {
    super(NormOp.group(numGroups, eps, null), Shape.of(numChannels), affine);
    if (numChannels % numGroups != 0) {
      throw new ShapeException(
          "GroupNorm got "
              + numChannels
              + " channels; expected a number that "
              + numGroups
              + " groups divide.");
    }
    this.numGroups = numGroups;
  }

  /** Number of groups. */
  public final int numGroups() {
    return numGroups;
  }
}
