package org.octet.ops;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/** A float tensor of any shape plus or times a number, which is rounded to float32 first. */
public final class ScalarOp extends Op {
  /** Which operation. */
  public enum Function {
    /** x + scalar. */
    ADD,
    /** x * scalar. */
    MUL
  }

  private final Function function;
  private final float scalar;

  /**
   * An operation with a constant.
   *
   * @throws OctetException if {@code scalar} is not finite
   */
  public ScalarOp(Function function, double scalar) {
    requireFinite(scalar);
    this.function = function;
    this.scalar = (float) scalar;
  }

  static void requireFinite(double scalar) {
    if (Double.isNaN(scalar) || Double.isInfinite(scalar)) {
      throw new OctetException("The scalar is " + scalar + "; expected a finite number.");
    }
  }

  @Override
  public String name() {
    return function == Function.ADD ? "add_scalar" : "mul_scalar";
  }

  /** Which operation. */
  public Function function() {
    return function;
  }

  /** The number. */
  public float scalar() {
    return scalar;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("scalar", scalar);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    Checks.notEmpty(name(), x);
    return new Tensor[] {FloatTensor.ofSpec(x.shape(), x.format())};
  }

  @Override
  public Lowering lower(Tensor... in) {
    // x * 1 + scalar and x * scalar + (-0): the neutral operand changes nothing, not even the sign
    // of zero.
    float alpha = function == Function.ADD ? 1f : scalar;
    float beta = function == Function.ADD ? scalar : -0f;
    return new Lowering(
        OpKind.AFFINE_F32,
        Attributes.builder().ints(1).floats(Activation.NONE.lo(), Activation.NONE.hi()).build(),
        () ->
            List.of(
                Constants.ofFloats(new float[] {alpha}), Constants.ofFloats(new float[] {beta})),
        Math.toIntExact(in[0].numel()));
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {function == Function.ADD ? grads[0] : apply(grads[0])};
  }

  /**
   * Equal ops have equal constants, so that eager calls find the operator that another call made.
   */
  @Override
  public boolean equals(Object o) {
    return o instanceof ScalarOp p
        && function == p.function
        && Float.compare(scalar, p.scalar) == 0;
  }

  @Override
  public int hashCode() {
    return Objects.hash(function, scalar);
  }
}
