package org.octet.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.octet.ops.Op;

/** One application of an op in a {@link Graph}; immutable. */
public final class Node {
  private final int index;
  private final Op op;
  private final String module;
  private final List<Value> inputs;
  private final List<Value> outputs;

  Node(int index, Op op, String module, Value[] inputs, Value[] outputs) {
    this.index = index;
    this.op = op;
    this.module = module;
    this.inputs = Collections.unmodifiableList(Arrays.asList(inputs));
    this.outputs = List.of(outputs);
  }

  /** Position in {@link Graph#nodes()}. */
  public int index() {
    return index;
  }

  /** The operator. */
  public Op op() {
    return op;
  }

  /**
   * Path of the module that applied the op, such as "features.3.conv1"; "" outside of child
   * modules.
   */
  public String module() {
    return module;
  }

  /** Arguments; entries are null where an optional one, such as a bias, is absent. */
  public List<Value> inputs() {
    return inputs;
  }

  /** Results. */
  public List<Value> outputs() {
    return outputs;
  }

  @Override
  public String toString() {
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < outputs.size(); i++) {
      b.append(i == 0 ? "" : ", ").append(outputs.get(i));
    }
    b.append(" = ").append(op).append('(');
    for (int i = 0; i < inputs.size(); i++) {
      b.append(i == 0 ? "" : ", ").append(inputs.get(i) == null ? "none" : inputs.get(i).name());
    }
    b.append(')');
    return module.isEmpty() ? b.toString() : b.append("  # ").append(module).toString();
  }
}
