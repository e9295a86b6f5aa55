package org.octet.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.octet.ops.Forward;
import org.octet.ops.Interpreter;
import org.octet.ops.Op;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * Runs a function once on tensors without values and records its ops.
 *
 * <p>Parameters and other tensors from outside become constants. Control flow in Java is followed
 * once, for the example's shapes: numbers that a forward reads from a shape are fixed in the graph.
 * Trace a model in eval mode.
 */
public final class Tracer implements Interpreter {
  private final Graph.Builder graph = Graph.builder();
  private final List<String> paths = new ArrayList<>(List.of(""));

  private Tracer() {}

  /**
   * The graph of a function with one result.
   *
   * @param examples one tensor for each input, concrete or abstract; only type and shape are read
   * @throws OctetException if an op refuses its arguments, if the function reads values
   *     (AbstractTensorException), or if it returns null or a tensor that no op made
   */
  public static Graph trace(Forward function, Tensor... examples) {
    return traceAll(in -> new Tensor[] {function.forward(in)}, examples);
  }

  /**
   * The graph of a function with any number of results; see {@link #trace}.
   *
   * @throws OctetException as {@link #trace}
   */
  public static Graph traceAll(Function<Tensor[], Tensor[]> function, Tensor... examples) {
    if (examples.length == 0) {
      throw new OctetException(
          "Tracing needs an example tensor for each input of the function; found none.");
    }
    Tracer tracer = new Tracer();
    Tensor[] in = new Tensor[examples.length];
    for (int i = 0; i < in.length; i++) {
      in[i] =
          tracer.graph.input(in.length == 1 ? "input" : "input" + i, examples[i].spec()).tensor();
    }
    Tensor[] out;
    try (Interpreter.Pushed ignored = Interpreter.push(tracer)) {
      out = function.apply(in);
    }
    if (out == null || out.length == 0) {
      throw new OctetException("The traced function returned no tensors; expected at least one.");
    }
    for (Tensor t : out) {
      if (t == null) {
        throw new OctetException("The traced function returned null; expected a tensor.");
      }
      tracer.graph.output(tracer.value(t, "returned"));
    }
    return tracer.graph.build();
  }

  @Override
  public Tensor[] apply(Op op, Tensor... inputs) {
    Value[] values = new Value[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      values[i] = inputs[i] == null ? null : value(inputs[i], "given to op " + op.name());
    }
    List<Value> results = graph.apply(op, paths.get(paths.size() - 1), values);
    Tensor[] out = new Tensor[results.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = results.get(i).tensor();
    }
    return out;
  }

  @Override
  public boolean executes() {
    return false;
  }

  private Value value(Tensor t, String use) {
    Value v = graph.find(t);
    if (v != null) {
      return v;
    }
    if (!t.isAbstract()) {
      return graph.constant(t);
    }
    throw new OctetException(
        "A tensor "
            + t.shape()
            + " without values was "
            + use
            + ", but no op of this trace made it: it is a view (reshape,"
            + " slice, transpose, contiguous) of a traced tensor, or comes from another trace. Use the op or module instead,"
            + " such as Flatten.");
  }

  @Override
  public void enterModule(String name) {
    String parent = paths.get(paths.size() - 1);
    paths.add(parent.isEmpty() ? name : parent + "." + name);
  }

  @Override
  public void exitModule() {
    paths.remove(paths.size() - 1);
  }
}
