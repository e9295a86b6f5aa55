package org.octet.runtime;

import java.util.Arrays;
import java.util.List;
import org.octet.backend.Backend;
import org.octet.graph.Graph;
import org.octet.graph.Node;
import org.octet.graph.Value;
import org.octet.ops.ExecutionContext;
import org.octet.ops.Op;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

/**
 * Computes once, while compiling, what depends on constants only, such as a weight that is
 * quantized in forward.
 */
final class ConstantFolding {
  private ConstantFolding() {}

  /** The folded graph; {@code graph} itself where there is nothing to fold. */
  static Graph run(Graph graph, Backend backend) {
    if (graph.nodes().stream().noneMatch(n -> foldable(n.inputs()))) {
      return graph;
    }
    Graph.Builder b = Graph.builder();
    Value[] map = new Value[graph.valueCount()];
    for (Value v : graph.inputs()) {
      map[v.id()] = b.input(v.name(), v.spec());
    }
    for (Value v : graph.constants()) {
      map[v.id()] = b.constant(v.constant());
    }
    for (Node n : graph.nodes()) {
      Value[] in = new Value[n.inputs().size()];
      for (int i = 0; i < in.length; i++) {
        Value v = n.inputs().get(i);
        in[i] = v == null ? null : map[v.id()];
      }
      try {
        List<Value> out =
            foldable(Arrays.asList(in))
                ? fold(b, n.op(), backend, in)
                : b.apply(n.op(), n.module(), in);
        for (int i = 0; i < out.size(); i++) {
          map[n.outputs().get(i).id()] = out.get(i);
        }
      } catch (OctetException e) {
        e.prependModule(n.module());
        throw e;
      }
    }
    graph.outputs().forEach(v -> b.output(map[v.id()]));
    return b.build();
  }

  private static boolean foldable(List<Value> inputs) {
    return inputs.stream().allMatch(v -> v == null || v.isConstant())
        && inputs.stream().anyMatch(v -> v != null);
  }

  private static List<Value> fold(Graph.Builder b, Op op, Backend backend, Value[] in) {
    Tensor[] tensors = new Tensor[in.length];
    for (int i = 0; i < in.length; i++) {
      tensors[i] = in[i] == null ? null : in[i].constant();
    }
    if (!op.isAlias() && !op.foldsConstants()) {
      // Ops that cannot be part of a Program refuse here as they would with inputs of the program.
      op.lower(tensors);
    }
    Tensor[] results = op.execute(new ExecutionContext(backend, null), tensors);
    Value[] out = new Value[results.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = b.constant(TensorScope.detach(results[i]));
    }
    return List.of(out);
  }
}
