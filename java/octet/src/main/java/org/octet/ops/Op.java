package org.octet.ops;

import java.util.List;
import java.util.Map;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * The one definition of an operator: attributes (in the subclass), argument checks and output spec,
 * eager execution, gradient as a composition of ops, and lowering to the backend's operator kinds.
 * Immutable.
 */
public abstract class Op {
  /** The field's name for it, snake case: "conv2d", "quantize". */
  public abstract String name();

  /** Attribute values for reports and files; empty by default. */
  public Map<String, Object> attributes() {
    return Map.of();
  }

  /**
   * Checks the arguments and describes the results: abstract tensors of the right dtype, shape,
   * memory format and quantization parameters. Reads shapes and specs only.
   *
   * @throws OctetException if the arguments do not fit
   */
  public abstract Tensor[] infer(Tensor... inputs);

  /** Executes now. {@code inputs} are concrete; the default runs {@link #lower} on the backend. */
  public Tensor[] execute(ExecutionContext context, Tensor... inputs) {
    return new Tensor[] {OpExecutor.run(this, context.backend(), inputs)};
  }

  /**
   * The order in memory that input {@code index} must have: CHANNELS_LAST for images, CONTIGUOUS
   * where the logical order matters, or null if any dense order will do (all such inputs then have
   * the same one).
   */
  public MemoryFormat inputFormat(int index) {
    return null;
  }

  /**
   * Says how many of the last inputs are weights that lowering packs: they must be concrete there
   * (constants of a graph); the first inputs are activations.
   */
  public int constantInputs() {
    return 0;
  }

  /**
   * Whether the result is the first input's memory under another shape (after {@link #inputFormat}
   * is met), so that a Program needs no operator for it. {@link #execute} then returns a view.
   */
  public boolean isAlias() {
    return false;
  }

  /**
   * The backend's operator for these inputs. Activations may be abstract and are dense in {@link
   * #inputFormat}; the last {@link #constantInputs()} inputs are concrete (or null where optional).
   * Ops that only training uses refuse.
   */
  public Lowering lower(Tensor... inputs) {
    throw new OctetException(
        "Op "
            + name()
            + " only runs while training; it cannot be part of a Program. Call eval() and trace again.");
  }

  /**
   * Whether this may run while a Program is compiled, on constants only, though it has no operator
   * of its own: what a model computes from its weights.
   */
  public boolean foldsConstants() {
    return false;
  }

  /**
   * The ops that a Program runs in this one's place, each on the result of the one before; empty if
   * it runs this one itself.
   *
   * @throws OctetException if this op cannot be part of a Program
   */
  public List<Op> decompose() {
    return List.of();
  }

  /**
   * Gradients for the inputs, composed of ops; an entry is null where there is none.
   *
   * @param gradOutputs gradients of the outputs, none null
   * @throws OctetException if the op has no gradient
   */
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] gradOutputs) {
    throw new OctetException(
        "Op "
            + name()
            + " has no gradient. Detach its input, or train before quantizing (prepareQat).");
  }

  /** Applies through the current interpreter. */
  public final Tensor[] applyAll(Tensor... inputs) {
    return Interpreter.current().apply(this, inputs);
  }

  /** Applies an op with one result through the current interpreter. */
  public final Tensor apply(Tensor... inputs) {
    return Interpreter.current().apply(this, inputs)[0];
  }

  @Override
  public String toString() {
    return name() + attributes();
  }
}
