package org.octet.runtime;

import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.graph.Graph;
import org.octet.graph.Node;
import org.octet.graph.Value;
import org.octet.ops.Lowering;
import org.octet.ops.Op;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorSpec;

/**
 * A graph for given input shapes as a list of operators: infers every shape, chooses the memory
 * format of every value, inserts layout conversions, and lets reshaping ops share their input's
 * memory.
 */
final class Lowerer {
  private final Graph graph;
  private final ConstantPool constants;
  private final StepList list;
  private final Slot[] slots;

  /** A value in one memory format: an abstract tensor and where it lies. */
  private static final class Slot {
    final Tensor tensor;
    final int buffer;
    Slot otherFormat;

    Slot(Tensor tensor, int buffer) {
      this.tensor = tensor;
      this.buffer = buffer;
    }
  }

  private Lowerer(Graph graph, ConstantPool constants) {
    this.graph = graph;
    this.constants = constants;
    this.list = new StepList(graph.inputs().size(), graph.outputs().size());
    this.slots = new Slot[graph.valueCount()];
  }

  /**
   * Lowers.
   *
   * @param outputs receives the specs of the outputs
   * @throws OctetException naming the module of the op that refused
   */
  static StepList lower(Graph graph, Shape[] inputs, ConstantPool constants, TensorSpec[] outputs) {
    Lowerer l = new Lowerer(graph, constants);
    for (int i = 0; i < inputs.length; i++) {
      TensorSpec example = graph.inputs().get(i).spec();
      Tensor t =
          new TensorSpec(example.dtype(), inputs[i], MemoryFormat.CONTIGUOUS, example.qparams())
              .toAbstract();
      l.slots[graph.inputs().get(i).id()] = new Slot(t, l.list.newBuffer(t.spec().bytes(), i));
    }
    boolean[] live = live(graph);
    for (Node n : graph.nodes()) {
      if (live[n.index()]) {
        try {
          l.node(n);
        } catch (OctetException e) {
          e.prependModule(n.module());
          throw e;
        }
      }
    }
    for (int k = 0; k < outputs.length; k++) {
      outputs[k] = l.output(graph.outputs().get(k), k);
    }
    return l.list;
  }

  private static boolean[] live(Graph graph) {
    boolean[] live = new boolean[graph.nodes().size()];
    graph.outputs().forEach(v -> mark(v, live));
    for (int i = live.length - 1; i >= 0; i--) {
      if (live[i]) {
        graph.nodes().get(i).inputs().forEach(v -> mark(v, live));
      }
    }
    return live;
  }

  private static void mark(Value v, boolean[] live) {
    if (v != null && v.producer() != null) {
      live[v.producer().index()] = true;
    }
  }

  private void node(Node node) {
    Op op = node.op();
    int count = node.inputs().size();
    int activations = count - op.constantInputs();
    Tensor[] in = new Tensor[count];
    for (int i = activations; i < count; i++) {
      Value v = node.inputs().get(i);
      if (v != null && !v.isConstant()) {
        throw new OctetException(
            "Op "
                + op.name()
                + " takes "
                + v
                + " as its argument "
                + i
                + ", which a Program packs once; expected a parameter"
                + " or another tensor from outside the traced function. Compute it before tracing.");
      }
      in[i] = v == null ? null : v.constant();
    }
    Slot[] args = arguments(node, activations);
    int[] buffers = new int[activations];
    for (int i = 0; i < activations; i++) {
      in[i] = args[i].tensor;
      buffers[i] = args[i].buffer;
    }
    Tensor[] results = op.infer(in);
    // First of all, since an op that has no place here says why better than we do.
    Lowering l = op.isAlias() ? null : op.lower(in);
    if (results.length != 1) {
      throw new OctetException(
          "Op "
              + op.name()
              + " has "
              + results.length
              + " results; a Program runs ops with one. Split it into several ops.");
    }
    Tensor result = results[0].spec().toAbstract();
    int id = node.outputs().get(0).id();
    if (l == null) {
      slots[id] = new Slot(result, buffers[0]);
      return;
    }
    int out = list.newBuffer(result.spec().bytes(), StepList.ARENA);
    int owner = l.constants() == Lowering.NONE ? -1 : node.index();
    list.steps.add(
        new Step(
            op.name(),
            node.module(),
            l.kind(),
            l.attributes(),
            l.constants(),
            owner,
            result.shape(),
            l.dims(),
            buffers,
            out));
    slots[id] = new Slot(result, out);
  }

  /** The activations in the formats that the op wants. */
  private Slot[] arguments(Node node, int activations) {
    Slot[] args = new Slot[activations];
    boolean anyLast = false;
    for (int i = 0; i < activations; i++) {
      Value v = node.inputs().get(i);
      if (v == null) {
        throw new OctetException(
            "Argument " + i + " of op " + node.op().name() + " is absent; expected a tensor.");
      }
      args[i] = slot(v);
      anyLast |= args[i].tensor.format() == MemoryFormat.CHANNELS_LAST;
    }
    for (int i = 0; i < activations; i++) {
      MemoryFormat wanted = node.op().inputFormat(i);
      if (wanted == null) {
        // The first argument's order is everybody's. It is the op's witness of that order, so one
        // that is dense in both
        // orders, and says contiguous, leaves no choice.
        boolean choose = i == 0 && anyLast && !args[0].tensor.isDense(MemoryFormat.CHANNELS_LAST);
        wanted = choose ? MemoryFormat.CHANNELS_LAST : args[0].tensor.format();
      }
      args[i] = inFormat(node.inputs().get(i), args[i], wanted, node.module());
    }
    return args;
  }

  private Slot slot(Value v) {
    Slot s = slots[v.id()];
    if (s == null) {
      MemoryFormat f = v.constant().isDense() ? v.constant().format() : MemoryFormat.CONTIGUOUS;
      s = constantSlot(v, f);
      slots[v.id()] = s;
    }
    return s;
  }

  private Slot constantSlot(Value v, MemoryFormat format) {
    TensorSpec s = v.spec();
    Tensor t = new TensorSpec(s.dtype(), s.shape(), format, s.qparams()).toAbstract();
    return new Slot(
        t, list.newBuffer(s.bytes(), list.constantExternal(constants.number(v, t.format()))));
  }

  private Slot inFormat(Value v, Slot s, MemoryFormat format, String module) {
    if (s.tensor.isDense(format)) {
      return s;
    }
    if (s.otherFormat == null) {
      s.otherFormat = v.isConstant() ? constantSlot(v, format) : transposed(s, format, module);
    }
    return s.otherFormat;
  }

  private Slot transposed(Slot s, MemoryFormat format, String module) {
    Tensor t = s.tensor;
    int n = t.size(0);
    int c = t.size(1);
    int inner = 1;
    for (int i = 2; i < t.shape().rank(); i++) {
      inner *= t.size(i);
    }
    boolean toLast = format == MemoryFormat.CHANNELS_LAST;
    int out = list.newBuffer(t.spec().bytes(), StepList.ARENA);
    list.steps.add(
        transpose(
            toLast ? "to_channels_last" : "to_channels_first",
            module,
            t,
            s.buffer,
            out,
            n,
            toLast ? c : inner,
            toLast ? inner : c));
    return new Slot(t.contiguous(format), out);
  }

  private static Step transpose(
      String name, String module, Tensor t, int from, int to, int... dims) {
    if (t.dtype().bytes() != 1 && t.dtype().bytes() != 4) {
      throw new OctetException(
          "A "
              + t.dtype()
              + " tensor "
              + t.shape()
              + " cannot be copied or reordered in a Program; expected float32 or 8-bit codes.");
    }
    Attributes a = Attributes.builder().ints(t.dtype().bytes()).build();
    return Step.plain(name, module, OpKind.TRANSPOSE, a, t.shape(), dims, from, to);
  }

  /** Makes an output's buffer the external one, or adds a copy where it is already another's. */
  private TensorSpec output(Value v, int k) {
    Slot s = inFormat(v, slot(v), MemoryFormat.CONTIGUOUS, "output " + k);
    long bytes = s.tensor.spec().bytes();
    int external = list.outputExternal(k);
    if (list.isArena(s.buffer)) {
      list.buffers.set(s.buffer, new StepList.Buffer(bytes, external));
    } else {
      int copy = list.newBuffer(bytes, external);
      int elements = (int) s.tensor.numel();
      list.steps.add(transpose("copy", "output " + k, s.tensor, s.buffer, copy, 1, 1, elements));
    }
    TensorSpec spec = s.tensor.spec();
    return new TensorSpec(spec.dtype(), spec.shape(), MemoryFormat.CONTIGUOUS, spec.qparams());
  }
}
