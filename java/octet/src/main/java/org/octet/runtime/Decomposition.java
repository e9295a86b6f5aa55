package org.octet.runtime;

import java.util.List;
import org.octet.graph.Graph;
import org.octet.graph.Node;
import org.octet.graph.Value;
import org.octet.ops.Op;
import org.octet.tensor.OctetException;

/**
 * Puts the ops that an op is made of in its place ({@link Op#decompose}): a fake quantization is
 * two operators.
 */
final class Decomposition {
  private Decomposition() {}

  /** The graph without such ops; {@code graph} itself where there are none. */
  static Graph run(Graph graph) {
    if (graph.nodes().stream().allMatch(n -> parts(n).isEmpty())) {
      return graph;
    }
    Graph.Builder b = Graph.builder();
    Value[] map = new Value[graph.valueCount()];
    graph.inputs().forEach(v -> map[v.id()] = b.input(v.name(), v.spec()));
    graph.constants().forEach(v -> map[v.id()] = b.constant(v.constant()));
    for (Node n : graph.nodes()) {
      Value[] in =
          n.inputs().stream().map(v -> v == null ? null : map[v.id()]).toArray(Value[]::new);
      List<Op> parts = parts(n);
      List<Value> out = List.of();
      if (parts.isEmpty()) {
        out = b.apply(n.op(), n.module(), in);
      }
      for (Op op : parts) {
        out = b.apply(op, n.module(), in);
        in = out.toArray(new Value[0]);
      }
      for (int i = 0; i < out.size(); i++) {
        map[n.outputs().get(i).id()] = out.get(i);
      }
    }
    graph.outputs().forEach(v -> b.output(map[v.id()]));
    return b.build();
  }

  private static List<Op> parts(Node n) {
    try {
      return n.op().decompose();
    } catch (OctetException e) {
      e.prependModule(n.module());
      throw e;
    }
  }
}
