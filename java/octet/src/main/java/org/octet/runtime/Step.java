package org.octet.runtime;

import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.ops.Lowering;
import org.octet.tensor.Shape;

/**
 * One operator of a plan that is being made.
 *
 * @param name the op's name; fused ones are joined with "+"
 * @param module path of the module
 * @param owner number that tells operators with different constants apart; -1 where there are none,
 *     so that equal ones are shared
 * @param shape the result's logical shape, for reports
 * @param inputs numbers of buffers in {@link StepList#buffers}
 * @param output number of a buffer
 */
record Step(
    String name,
    String module,
    OpKind kind,
    Attributes attributes,
    Lowering.Constants constants,
    int owner,
    Shape shape,
    int[] dims,
    int[] inputs,
    int output) {
  /** A step without constants. */
  static Step plain(
      String name,
      String module,
      OpKind kind,
      Attributes attributes,
      Shape shape,
      int[] dims,
      int input,
      int output) {
    return new Step(
        name, module, kind, attributes, Lowering.NONE, -1, shape, dims, new int[] {input}, output);
  }

  Step withInputs(int... buffers) {
    return new Step(name, module, kind, attributes, constants, owner, shape, dims, buffers, output);
  }

  Step withAttributes(Attributes other) {
    return new Step(name, module, kind, other, constants, owner, shape, dims, inputs, output);
  }

  Step withDims(int... other) {
    return new Step(name, module, kind, attributes, constants, owner, shape, other, inputs, output);
  }

  /** This, followed by {@code next}, whose result it now makes. */
  Step fusedWith(Step next) {
    String label = next.kind == OpKind.TRANSPOSE ? name : name + "+" + next.name;
    return new Step(
        label, module, kind, attributes, constants, owner, next.shape, dims, inputs, next.output);
  }

  /** {@code attributes} with one slot replaced. */
  static Attributes with(Attributes attributes, int slot, long value) {
    Attributes.Builder b = Attributes.builder();
    for (int i = 0; i < attributes.size(); i++) {
      b.ints(i == slot ? value : attributes.get(i));
    }
    return b.build();
  }
}
