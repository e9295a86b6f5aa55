package org.octet.ops;

import java.util.List;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.Storage;

/**
 * An op as the backend's operator: kind and attributes, constants in the kind's layout, and dims of
 * this input shape. Only {@code dims} may depend on the activations' shapes, so that one operator
 * serves every batch size.
 *
 * @param constants made when asked for, since packing them again for every eager call would be
 *     waste; the receiver releases each non-null entry when the operator has been created
 */
public record Lowering(OpKind kind, Attributes attributes, Constants constants, int... dims) {
  /** Makes the constants. */
  @FunctionalInterface
  public interface Constants {
    /** Fresh storages, one reference each, owned by the caller; null entries where absent. */
    List<Storage> make();
  }

  /** No constants. */
  public static final Constants NONE = List::of;

  /** An operator without constants. */
  public static Lowering of(OpKind kind, Attributes attributes, int... dims) {
    return new Lowering(kind, attributes, NONE, dims);
  }
}
