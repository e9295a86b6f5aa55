package org.octet.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.Backend;
import org.octet.backend.BackendException;
import org.octet.backend.OpKind;
import org.octet.backend.Operator;
import org.octet.backend.OperatorContext;
import org.octet.backend.OperatorSpec;
import org.octet.backend.Plan;
import org.octet.backend.PlanStep;
import org.octet.graph.Graph;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.Storage;
import org.octet.tensor.TensorSpec;

/**
 * Makes plans for sets of input shapes; all share the operators, each of which is made, and its
 * weights packed, once. Guarded by the program's build lock.
 */
final class PlanBuilder implements AutoCloseable {
  private record Key(int owner, OpKind kind, Attributes attributes) {}

  private final Graph graph;
  private final Backend backend;
  private final Map<Key, Operator> operators = new HashMap<>();
  private final ConstantPool constants = new ConstantPool();
  private long weightBytes;

  PlanBuilder(Graph graph, Backend backend) {
    this.graph = graph;
    this.backend = backend;
  }

  /** Bytes of weights, tables and other constants, as they were before packing. */
  long weightBytes() {
    return weightBytes + constants.bytes();
  }

  int operatorCount() {
    return operators.size();
  }

  ShapePlan build(Shape[] inputs) {
    TensorSpec[] outputs = new TensorSpec[graph.outputs().size()];
    StepList list = Lowerer.lower(graph, inputs, constants, outputs);
    CleanupPass.run(list);
    LayoutPass.run(list);
    ClampPass.run(list);
    ResidualPass.run(list);

    OperatorContext[] contexts = new OperatorContext[list.steps.size()];
    for (int i = 0; i < contexts.length; i++) {
      Step s = list.steps.get(i);
      try {
        contexts[i] = operator(s).shape(s.dims());
        long bytes = list.buffers.get(s.output()).bytes();
        if (contexts[i].outputBytes() != bytes) {
          throw new BackendException(
              "Operator "
                  + s.kind()
                  + " writes "
                  + contexts[i].outputBytes()
                  + " bytes, but op "
                  + s.name()
                  + " says "
                  + bytes
                  + " bytes for "
                  + s.shape()
                  + "; its infer and lower disagree.");
        }
      } catch (OctetException e) {
        e.prependModule(s.module());
        throw e;
      }
    }
    return plan(inputs, outputs, list, contexts);
  }

  private ShapePlan plan(
      Shape[] inputs, TensorSpec[] outputs, StepList list, OperatorContext[] contexts) {
    MemoryPlanner memory = new MemoryPlanner();
    int[] block = new int[list.buffers.size()];
    int[] last = list.lastReaders();
    int[] scratch = new int[contexts.length];
    for (int i = 0; i < contexts.length; i++) {
      Step s = list.steps.get(i);
      for (int b : s.inputs()) {
        if (list.isArena(b)) {
          memory.extend(block[b], i);
        }
      }
      if (list.isArena(s.output())) {
        int overwritten = overwritten(list, s, i, last);
        block[s.output()] =
            overwritten >= 0
                ? block[overwritten]
                : memory.add(list.buffers.get(s.output()).bytes(), i, i);
      }
      scratch[i] = memory.add(contexts[i].scratchBytes(), i, i);
    }
    memory.place();
    List<PlanStep> steps = new ArrayList<>();
    for (int i = 0; i < contexts.length; i++) {
      Step s = list.steps.get(i);
      long[] refs = new long[s.inputs().length];
      for (int k = 0; k < refs.length; k++) {
        refs[k] = reference(list, memory, block, s.inputs()[k]);
      }
      steps.add(
          new PlanStep(
              contexts[i],
              refs,
              reference(list, memory, block, s.output()),
              memory.offset(scratch[i])));
    }
    Storage[] bound = constants.storages();
    Plan plan = backend.plan(steps, memory.arenaBytes(), list.constantExternal(bound.length));
    return new ShapePlan(inputs, outputs, list, plan, memory.arenaBytes(), bound);
  }

  /**
   * The buffer in whose memory step {@code i} may write its result, or -1: a residual that nobody
   * reads later, since each of its codes is read before the one in its place is written.
   */
  private static int overwritten(StepList list, Step s, int i, int[] last) {
    if (s.kind() != OpKind.CONV_Q8 || s.inputs().length != 2) {
      return -1;
    }
    int residual = s.inputs()[1];
    boolean free = list.isArena(residual) && last[residual] == i && residual != s.inputs()[0];
    return free ? residual : -1;
  }

  private static long reference(StepList list, MemoryPlanner memory, int[] block, int buffer) {
    return list.isArena(buffer)
        ? memory.offset(block[buffer])
        : -1 - list.buffers.get(buffer).external();
  }

  private Operator operator(Step s) {
    Key key = new Key(s.owner(), s.kind(), s.attributes());
    Operator known = operators.get(key);
    if (known != null) {
      return known;
    }
    List<Storage> made = s.constants().make();
    try {
      Operator o = backend.create(new OperatorSpec(s.kind(), s.attributes(), made));
      operators.put(key, o);
      for (Storage c : made) {
        weightBytes += c == null ? 0 : c.bytes();
      }
      return o;
    } finally {
      for (Storage c : made) {
        if (c != null) {
          c.release();
        }
      }
    }
  }

  @Override
  public void close() {
    operators.values().forEach(Operator::close);
    operators.clear();
    constants.close();
  }
}
