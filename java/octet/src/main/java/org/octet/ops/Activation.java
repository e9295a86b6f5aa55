package org.octet.ops;

/** An activation that a kernel's epilogue applies: a clamp. */
public enum Activation {
  /** None. */
  NONE(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY),
  /** max(x, 0). */
  RELU(0f, Float.POSITIVE_INFINITY),
  /** min(max(x, 0), 6). */
  RELU6(0f, 6f);

  private final float lo;
  private final float hi;

  Activation(float lo, float hi) {
    this.lo = lo;
    this.hi = hi;
  }

  /** Lower bound, -inf for none. */
  public float lo() {
    return lo;
  }

  /** Upper bound, +inf for none. */
  public float hi() {
    return hi;
  }
}
