package org.octet.runtime;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.octet.backend.Backend;
import org.octet.backend.Backends;
import org.octet.graph.Graph;
import org.octet.graph.Value;
import org.octet.tensor.ClosedException;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorSpec;

/**
 * A graph made ready to run: shapes and memory planned, operators created and weights packed once.
 * Immutable: later changes of the model's tensors do not reach it.
 *
 * <p>Thread-safe. A run borrows a {@link Session} from a pool of {@link ProgramOptions#sessions};
 * when all are in use it waits. After the first run of a session with the same shapes a run
 * allocates nothing. A new batch size, or another new set of input shapes that the ops accept, is
 * planned once at its first use; who needs the same plan waits for it.
 *
 * <p>Inputs and outputs are dense in contiguous (NCHW) order. Closing a program or a tensor while a
 * run uses it is safe: the run ends normally, then the memory is freed.
 */
public final class Program implements AutoCloseable {
  private static final int CLOSED = 1 << 30;

  private final Graph graph;
  private final ProgramOptions options;
  private final Backend backend;
  private final PlanBuilder builder;
  private final TensorSpec[] inputSpecs;
  private final String[] inputNames;
  private final String[] outputNames;
  private final String description;
  private final SessionPool pool;

  /** Runs in flight, and the bit {@link #CLOSED}. */
  private final AtomicInteger state = new AtomicInteger();

  /** Held while a plan is built. */
  private final Object buildLock = new Object();

  /** Plans by age; guarded by itself. */
  private final List<ShapePlan> cache = new ArrayList<>();

  private final Set<Session> callersSessions =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
  private int built;

  private Program(Graph graph, ProgramOptions options) {
    this.options = options;
    this.backend = options.backend() != null ? options.backend() : Backends.current();
    this.graph = Decomposition.run(ConstantFolding.run(graph, backend));
    this.inputSpecs = this.graph.inputs().stream().map(Value::spec).toArray(TensorSpec[]::new);
    this.inputNames = this.graph.inputs().stream().map(Value::name).toArray(String[]::new);
    this.outputNames = new String[this.graph.outputs().size()];
    for (int k = 0; k < outputNames.length; k++) {
      outputNames[k] = outputNames.length == 1 ? "output" : "output" + k;
    }
    this.builder = new PlanBuilder(this.graph, backend);
    try {
      Shape[] shapes = new Shape[inputSpecs.length];
      for (int i = 0; i < shapes.length; i++) {
        shapes[i] = inputSpecs[i].shape();
      }
      ShapePlan first = builder.build(shapes);
      built = 1;
      cache.add(first);
      description = Description.of(backend, first, builder.weightBytes());
    } catch (RuntimeException | Error e) {
      builder.close();
      throw e;
    }
    this.pool = new SessionPool(this, options.sessions());
  }

  /**
   * Compiles with {@link ProgramOptions#defaults}.
   *
   * @throws OctetException as {@link #compile(Graph, ProgramOptions)}
   */
  public static Program compile(Graph graph) {
    return compile(graph, ProgramOptions.defaults());
  }

  /**
   * Compiles: plans the shapes of the graph's example, packs weights, checks everything.
   *
   * @throws OctetException naming the module path of an op that cannot be part of a Program (one of
   *     training, an observer), whose weight is not a constant, or that the backend refuses;
   *     ClosedException if a weight is closed
   */
  public static Program compile(Graph graph, ProgramOptions options) {
    return new Program(graph, options);
  }

  /**
   * Runs the program.
   *
   * @param in the only input
   * @param out the only output, of the right dtype and shape; receives the values
   * @throws OctetException naming what was found and expected if the number of inputs or outputs, a
   *     dtype, a shape or quantization parameters do not fit, if a tensor is not dense and
   *     contiguous, or if {@code out} shares memory with {@code in}
   * @throws ClosedException if the program or a tensor is closed
   */
  public void run(Tensor in, Tensor out) {
    enter();
    try {
      Session s = pool.take();
      try {
        s.runOne(in, out);
      } finally {
        pool.put(s);
      }
    } finally {
      exit();
    }
  }

  /**
   * As {@link #run(Tensor, Tensor)}, for any number of inputs and outputs, in the order of the
   * graph.
   */
  public void run(Tensor[] in, Tensor[] out) {
    enter();
    try {
      Session s = pool.take();
      try {
        s.runAll(in, out);
      } finally {
        pool.put(s);
      }
    } finally {
      exit();
    }
  }

  /** As {@link #run(Tensor, Tensor)}, but returns a fresh tensor, which the caller closes. */
  public Tensor run(Tensor in) {
    return run(new Tensor[] {in})[0];
  }

  /** As {@link #run(Tensor[], Tensor[])}, but returns fresh tensors, which the caller closes. */
  public Tensor[] run(Tensor[] in) {
    enter();
    try {
      Session s = pool.take();
      try {
        return s.runFresh(in);
      } finally {
        pool.put(s);
      }
    } finally {
      exit();
    }
  }

  /**
   * A session of the caller's own, beside those of the pool.
   *
   * @throws ClosedException if the program is closed
   */
  public Session newSession() {
    enter();
    try {
      Session s = new Session(this);
      callersSessions.add(s);
      return s;
    } finally {
      exit();
    }
  }

  /** The options that it was compiled with. */
  public ProgramOptions options() {
    return options;
  }

  /** Who executes. */
  public Backend backend() {
    return backend;
  }

  /** Bytes of the weights, biases, tables and other constants. */
  public long weightBytes() {
    synchronized (buildLock) {
      return builder.weightBytes();
    }
  }

  /**
   * A table of the operators for the example's shapes, with the bytes of weights and of a session's
   * arena.
   */
  public String describe() {
    return description;
  }

  /** How many plans were made so far. */
  int plansBuilt() {
    synchronized (buildLock) {
      return built;
    }
  }

  int operatorCount() {
    synchronized (buildLock) {
      return builder.operatorCount();
    }
  }

  // ---- lifetime
  // ------------------------------------------------------------------------------------------------------

  /** Starts a use. Every successful call is followed by {@link #exit}. */
  void enter() {
    int n;
    do {
      n = state.get();
      if ((n & CLOSED) != 0) {
        throw closed();
      }
    } while (!state.compareAndSet(n, n + 1));
  }

  void exit() {
    if (state.decrementAndGet() == CLOSED) {
      free();
    }
  }

  /**
   * Forbids new runs; memory is freed now, or when the last run ends. Sessions end with it. May be
   * called again.
   */
  @Override
  public void close() {
    int n;
    do {
      n = state.get();
      if ((n & CLOSED) != 0) {
        return;
      }
    } while (!state.compareAndSet(n, n | CLOSED));
    pool.close();
    if (n == 0) {
      free();
    }
  }

  /** Reached once: closed, and nobody inside. */
  private void free() {
    pool.free();
    synchronized (callersSessions) {
      callersSessions.forEach(Session::close);
    }
    synchronized (cache) {
      cache.forEach(ShapePlan::release);
      cache.clear();
    }
    synchronized (buildLock) {
      builder.close();
    }
  }

  static ClosedException closed() {
    return new ClosedException("This Program is closed. Close it after its last run.");
  }

  // ---- plans
  // ---------------------------------------------------------------------------------------------------------

  /**
   * The plan for the shapes of checked inputs, with one reference for the caller; made when it is
   * new.
   */
  ShapePlan plan(Tensor[] in) {
    ShapePlan known = cached(in);
    if (known != null) {
      return known;
    }
    ShapePlan victim = null;
    ShapePlan made;
    synchronized (buildLock) {
      known = cached(in);
      if (known != null) {
        return known;
      }
      Shape[] shapes = new Shape[in.length];
      for (int i = 0; i < in.length; i++) {
        shapes[i] = in[i].shape();
      }
      made = builder.build(shapes);
      made.tryAcquire();
      built++;
      synchronized (cache) {
        if (cache.size() == options.maxPlans()) {
          victim = cache.remove(oldest());
          victim.dropped = true;
        }
        cache.add(made);
      }
    }
    if (victim != null) {
      victim.release();
      pool.prune();
    }
    return made;
  }

  private ShapePlan cached(Tensor[] in) {
    synchronized (cache) {
      for (ShapePlan p : cache) {
        if (p.matches(in) && p.tryAcquire()) {
          p.touched = true;
          return p;
        }
      }
    }
    return null;
  }

  /** Second chance: the oldest plan that no run has touched since the last look. */
  private int oldest() {
    for (int i = 0; i < cache.size(); i++) {
      if (!cache.get(i).touched) {
        return i;
      }
      cache.get(i).touched = false;
    }
    return 0;
  }

  // ---- checks
  // --------------------------------------------------------------------------------------------------------

  int inputCount() {
    return inputSpecs.length;
  }

  int outputCount() {
    return outputNames.length;
  }

  String inputName(int i) {
    return inputNames[i];
  }

  String outputName(int i) {
    return outputNames[i];
  }

  /** Everything but the sizes of dimensions, which planning checks. */
  void checkInputs(Tensor[] in) {
    checkCount("inputs", in, inputSpecs.length);
    for (int i = 0; i < in.length; i++) {
      TensorSpec spec = inputSpecs[i];
      check("input", inputNames[i], in[i], spec);
      if (in[i].shape().rank() != spec.shape().rank()) {
        throw new ShapeException(
            "Program input "
                + inputNames[i]
                + " has shape "
                + in[i].shape()
                + "; expected "
                + spec.shape().rank()
                + " dimensions like "
                + spec.shape()
                + ".");
      }
      if (in[i].numel() == 0) {
        throw new ShapeException(
            "Program input "
                + inputNames[i]
                + " is an empty tensor "
                + in[i].shape()
                + "; expected one like "
                + spec.shape()
                + ".");
      }
    }
  }

  void checkOutputs(ShapePlan plan, Tensor[] in, Tensor[] out) {
    checkCount("outputs", out, outputNames.length);
    for (int k = 0; k < out.length; k++) {
      check("output", outputNames[k], out[k], plan.outputs[k]);
      if (!out[k].shape().equals(plan.outputs[k].shape())) {
        throw new ShapeException(
            "Program output "
                + outputNames[k]
                + " has shape "
                + out[k].shape()
                + "; expected "
                + plan.outputs[k].shape()
                + " for "
                + inputNames[0]
                + " of shape "
                + in[0].shape()
                + ".");
      }
    }
  }

  private static void checkCount(String what, Tensor[] found, int expected) {
    if (found == null || found.length != expected) {
      throw new OctetException(
          "The Program got "
              + (found == null ? "null" : found.length)
              + " as its "
              + what
              + "; expected "
              + expected
              + " "
              + what
              + ".");
    }
  }

  private static void check(String what, String name, Tensor t, TensorSpec spec) {
    if (t == null) {
      throw new OctetException("Program " + what + " " + name + " is null; expected " + spec + ".");
    }
    if (t.dtype() != spec.dtype()
        || (spec.qparams() != null && !spec.qparams().equals(t.qparams()))) {
      throw new DTypeException(
          "Program "
              + what
              + " "
              + name
              + " is "
              + t.spec()
              + "; expected "
              + (spec.qparams() == null ? spec.dtype() : spec.qparams())
              + ".");
    }
    if (!t.isDense() || t.format() != MemoryFormat.CONTIGUOUS) {
      throw new ShapeException(
          "Program "
              + what
              + " "
              + name
              + " "
              + t.shape()
              + " is not contiguous; expected dense elements in the order of the"
              + " shape. Use contiguous().");
    }
  }

  Tensor[] newOutputs(ShapePlan plan) {
    Tensor[] out = new Tensor[plan.outputs.length];
    for (int k = 0; k < out.length; k++) {
      TensorSpec s = plan.outputs[k];
      out[k] =
          s.qparams() == null
              ? FloatTensor.empty(s.shape(), MemoryFormat.CONTIGUOUS)
              : QuantizedTensor.empty(s.shape(), MemoryFormat.CONTIGUOUS, s.qparams());
    }
    return out;
  }
}
