package org.octet.backend;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.octet.tensor.Storage;

/**
 * What {@link Backend#create} makes an operator of.
 *
 * @param constants weights and tables in the order of octet_kinds.h, dense from offset 0; entries
 *     may be null where the kind allows it. The backend packs or copies them: the caller may
 *     release them afterwards.
 */
public record OperatorSpec(OpKind kind, Attributes attributes, List<Storage> constants) {
  /** Copies {@code constants}, whose sizes are checked once. */
  public OperatorSpec {
    constants = Collections.unmodifiableList(new ArrayList<>(constants));
  }
}
