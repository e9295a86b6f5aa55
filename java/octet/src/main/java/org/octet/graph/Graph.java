package org.octet.graph;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.octet.ops.Op;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorSpec;

/**
 * A function as a list of op applications: inputs, nodes in an order in which they can run,
 * outputs. Immutable; the tensors that its constants refer to are not copied.
 */
public final class Graph {
  private final List<Value> inputs;
  private final List<Value> constants;
  private final List<Node> nodes;
  private final List<Value> outputs;
  private final int values;

  private Graph(Builder b) {
    this.inputs = List.copyOf(b.inputs);
    this.constants = List.copyOf(b.constants);
    this.nodes = List.copyOf(b.nodes);
    this.outputs = List.copyOf(b.outputs);
    this.values = b.count;
  }

  /** Starts an empty graph. */
  public static Builder builder() {
    return new Builder();
  }

  /** Inputs in the order of the function's arguments. */
  public List<Value> inputs() {
    return inputs;
  }

  /** Constants in the order of their first use; a shared one stands once. */
  public List<Value> constants() {
    return constants;
  }

  /** Nodes; each comes after those whose results it takes. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Results; the same value may stand more than once. */
  public List<Value> outputs() {
    return outputs;
  }

  /** Number of values; {@link Value#id} is below it. */
  public int valueCount() {
    return values;
  }

  /** A listing: one line for each constant and node. */
  @Override
  public String toString() {
    StringBuilder b = new StringBuilder("graph(");
    for (int i = 0; i < inputs.size(); i++) {
      b.append(i == 0 ? "" : ", ").append(inputs.get(i));
    }
    b.append("):\n");
    for (Value c : constants) {
      b.append("  ").append(c).append(" = constant\n");
    }
    for (Node n : nodes) {
      b.append("  ").append(n).append('\n');
    }
    b.append("  return ");
    for (int i = 0; i < outputs.size(); i++) {
      b.append(i == 0 ? "" : ", ").append(outputs.get(i).name());
    }
    return b.append('\n').toString();
  }

  /** Makes a graph; not thread-safe. */
  public static final class Builder {
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> constants = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final Map<Tensor, Value> known = new IdentityHashMap<>();
    private int count;

    private Builder() {}

    /** Adds an input; its memory format counts as contiguous, as a Program's inputs are. */
    public Value input(String name, TensorSpec spec) {
      TensorSpec s =
          new TensorSpec(spec.dtype(), spec.shape(), MemoryFormat.CONTIGUOUS, spec.qparams());
      Value v = add(s.toAbstract(), name);
      inputs.add(v);
      return v;
    }

    /**
     * The constant for a tensor, added at its first use.
     *
     * @throws OctetException if the tensor is abstract
     */
    public Value constant(Tensor tensor) {
      if (tensor.isAbstract()) {
        throw new OctetException(
            "An abstract tensor " + tensor.shape() + " cannot be a constant of a graph.");
      }
      Value v = known.get(tensor);
      if (v == null) {
        v = add(tensor, "%" + count);
        constants.add(v);
      }
      return v;
    }

    /**
     * Adds a node.
     *
     * @param module path of the module, for messages and reports; may be ""
     * @param arguments values of this builder; null entries where the op allows it
     * @return the op's results, as {@link Op#infer} describes them
     * @throws OctetException what the op's check of its arguments throws
     */
    public List<Value> apply(Op op, String module, Value... arguments) {
      Tensor[] tensors = new Tensor[arguments.length];
      for (int i = 0; i < arguments.length; i++) {
        tensors[i] = arguments[i] == null ? null : own(arguments[i]).tensor();
      }
      Tensor[] results = op.infer(tensors);
      Value[] out = new Value[results.length];
      for (int i = 0; i < results.length; i++) {
        // A fresh tensor each time: an op may hand its argument through, which must stay another
        // value.
        out[i] = add(results[i].spec().toAbstract(), "%" + count);
      }
      Node node = new Node(nodes.size(), op, module, arguments.clone(), out);
      for (Value v : out) {
        v.producer = node;
      }
      nodes.add(node);
      return node.outputs();
    }

    /** Adds an output: any value of this builder, inputs and constants included. */
    public Builder output(Value value) {
      outputs.add(own(value));
      return this;
    }

    /**
     * The finished graph; the builder must not be used afterwards.
     *
     * @throws OctetException if there is no input or no output
     */
    public Graph build() {
      if (inputs.isEmpty() || outputs.isEmpty()) {
        throw new OctetException(
            "A graph needs an input and an output; found "
                + inputs.size()
                + " and "
                + outputs.size()
                + ".");
      }
      return new Graph(this);
    }

    /** The value that stands for a tensor, or null. */
    Value find(Tensor tensor) {
      return known.get(tensor);
    }

    private Value own(Value v) {
      if (known.get(v.tensor()) != v) {
        throw new OctetException("Value " + v + " belongs to another graph.");
      }
      return v;
    }

    private Value add(Tensor tensor, String name) {
      Value v = new Value(count++, tensor, name);
      known.put(tensor, v);
      return v;
    }
  }
}
