package org.octet.quantization;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.octet.nn.Conv;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.ops.ConvOp;
import org.octet.ops.Interpreter;
import org.octet.ops.LinearOp;
import org.octet.ops.Op;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Follows where each layer's result goes, by running a forward on tensors without values. Without
 * an example the input's shape is a guess, and where an op refuses its shapes the result's shape is
 * a guess too: only identities count here.
 */
final class FlowTrace implements Interpreter {
  /** Inputs that a forward of unknown arity is given; side of a guessed image. */
  private static final int GUESSED_INPUTS = 8;

  private static final int GUESSED_SIDE = 64;

  /** One op that ran: in which module, on what. */
  private record Step(String path, Tensor[] inputs, Tensor output) {}

  private final boolean guess;
  private final Deque<String> path = new ArrayDeque<>();
  private final List<Step> steps = new ArrayList<>();
  private final Set<Tensor> known = Fusion.identitySet();

  private FlowTrace(boolean guess) {
    this.guess = guess;
  }

  /** Groups of paths that can be fused, for inputs of guessed shapes. */
  static List<List<String>> groups(Module root) {
    Tensor[] inputs = new Tensor[GUESSED_INPUTS];
    Shape shape = guessInput(root);
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = FloatTensor.ofSpec(shape, MemoryFormat.CONTIGUOUS);
    }
    return new FlowTrace(true).run(root, inputs);
  }

  /** Groups of paths that can be fused, for inputs like {@code example}. */
  static List<List<String>> groups(Module root, Tensor[] example) {
    Tensor[] inputs = new Tensor[example.length];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] =
          example[i] instanceof FloatTensor
              ? FloatTensor.ofSpec(example[i].shape(), example[i].format())
              : example[i];
    }
    return new FlowTrace(false).run(root, inputs);
  }

  private static Shape guessInput(Module root) {
    for (Module m : root.namedModules().values()) {
      if (m instanceof Conv c) {
        return c.weight().shape().rank() == 4
            ? Shape.of(1, c.inChannels(), GUESSED_SIDE, GUESSED_SIDE)
            : Shape.of(1, c.inChannels(), GUESSED_SIDE);
      }
      if (m instanceof Linear l) {
        return Shape.of(1, l.weight().size(1));
      }
    }
    return Shape.of(1, 1, GUESSED_SIDE, GUESSED_SIDE);
  }

  private List<List<String>> run(Module root, Tensor[] inputs) {
    known.addAll(List.of(inputs));
    Tensor result;
    try (Interpreter.Pushed pushed = Interpreter.push(this)) {
      result = root.forward(inputs);
    }
    return new Flow(root, result).groups();
  }

  @Override
  public Tensor[] apply(Op op, Tensor... inputs) {
    for (Tensor t : inputs) {
      if (t != null && t.isAbstract() && !known.contains(t)) {
        throw new OctetException("a view was made outside of ops, so that its origin is unknown");
      }
    }
    Tensor[] out;
    try {
      out = op.infer(inputs);
    } catch (ShapeException e) {
      if (!guess) {
        throw e;
      }
      out = new Tensor[] {FloatTensor.ofSpec(guessOutput(op, inputs), MemoryFormat.CONTIGUOUS)};
    }
    for (Tensor t : out) {
      known.add(t);
      steps.add(
          new Step(
              String.join(".", (Iterable<String>) path::descendingIterator), inputs.clone(), t));
    }
    return out;
  }

  @Override
  public boolean executes() {
    return false;
  }

  private static Shape guessOutput(Op op, Tensor[] in) {
    if (op instanceof LinearOp) {
      Shape x = in[0].shape();
      return x.rank() == 0 || x.rank() > 3 ? Shape.of(1, in[1].size(0)) : x.with(-1, in[1].size(0));
    }
    if (op instanceof ConvOp) {
      return in[1].shape().rank() == 4
          ? Shape.of(1, in[1].size(0), GUESSED_SIDE, GUESSED_SIDE)
          : Shape.of(1, in[1].size(0), GUESSED_SIDE);
    }
    return in[0].shape();
  }

  @Override
  public void enterModule(String name) {
    path.push(name);
  }

  @Override
  public void exitModule() {
    path.pop();
  }

  /** What the steps say about modules. */
  private final class Flow {
    private final Module root;
    private final Map<Module, Integer> slots;
    private final Map<Module, Integer> calls = new IdentityHashMap<>();
    private final Map<Tensor, List<Step>> users = new IdentityHashMap<>();
    private final Tensor result;

    Flow(Module root, Tensor result) {
      this.root = root;
      this.result = result;
      this.slots = Fusion.slots(root);
      for (Step s : steps) {
        calls.merge(root.module(s.path), 1, Integer::sum);
        for (Tensor t : s.inputs) {
          if (t != null && t.isAbstract()) {
            users.computeIfAbsent(t, k -> new ArrayList<>()).add(s);
          }
        }
      }
    }

    List<List<String>> groups() {
      List<List<String>> groups = new ArrayList<>();
      Set<String> taken = new HashSet<>();
      for (Step s : steps) {
        List<String> group = taken.contains(s.path) ? List.of() : longest(s);
        if (!group.isEmpty()) {
          groups.add(group);
          taken.addAll(group);
        }
      }
      return groups;
    }

    /** The longest pattern that starts with the module of {@code first}; empty if there is none. */
    private List<String> longest(Step first) {
      List<String> paths = new ArrayList<>();
      List<Module> modules = new ArrayList<>();
      int best = 1;
      for (Step s = first; s != null && isSimple(s.path); s = next(s)) {
        paths.add(s.path);
        modules.add(root.module(s.path));
        if (!FusionPatterns.begins(modules)) {
          break;
        }
        best = FusionPatterns.matches(modules) ? paths.size() : best;
      }
      return best > 1 ? paths.subList(0, best) : List.of();
    }

    /**
     * Whether the module ran one op, once (counted over all paths to it), and sits in one place.
     */
    private boolean isSimple(String p) {
      Module m = root.module(p);
      return m != root && calls.get(m) == 1 && slots.get(m) == 1;
    }

    /**
     * The only step that takes this one's result, as its first input; null if there are others or
     * none.
     */
    private Step next(Step s) {
      List<Step> u = users.getOrDefault(s.output, List.of());
      return u.size() == 1 && s.output != result && u.get(0).inputs[0] == s.output
          ? u.get(0)
          : null;
    }
  }
}
