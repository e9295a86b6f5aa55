package org.octet.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.octet.ops.Forward;
import org.octet.ops.Interpreter;
import org.octet.ops.UnaryOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

/**
 * State plus a forward function: the base class of every layer and model (PyTorch's nn.Module).
 *
 * <p>A subclass registers its parts in the constructor and keeps the returned keys, never the
 * objects:
 *
 * <pre>{@code
 * class Block extends Module {
 *   private final Key conv = child("conv", new Conv2d(8, 8, 3));
 *   private final Key relu = child("relu", new ReLU());
 *
 *   public Tensor forward(Tensor... in) {
 *     return run(relu, run(conv, in[0]));
 *   }
 * }
 * }</pre>
 *
 * So workflows can swap a child, and a copy can have children of its own, without reflection.
 * Modules are confined to one thread while they are trained, prepared or converted; forward of a
 * module in eval mode may run on many threads.
 */
public abstract class Module implements Forward, Cloneable {
  /**
   * The name of the child that sees a module's output: an observer or fake quantizer (as in
   * PyTorch).
   */
  public static final String ACTIVATION_POST_PROCESS = "activation_post_process";

  private Map<String, Module> children = new LinkedHashMap<>();
  private Map<String, FloatTensor> params = new LinkedHashMap<>();
  private Map<String, Tensor> buffers = new LinkedHashMap<>();
  private boolean training = true;

  /** Names a slot of the module that made it. */
  public static final class Key {
    private final String name;

    private Key(String name) {
      this.name = name;
    }

    /** The slot's name, as it stands in paths and state dicts. */
    public String name() {
      return name;
    }
  }

  // ---- for subclasses
  // ------------------------------------------------------------------------------------------------

  /**
   * Registers a child.
   *
   * @throws OctetException if the name is empty, has a dot or is taken
   */
  protected final Key child(String name, Module module) {
    checkName(name);
    if (module == null) {
      throw new OctetException(
          "Child \"" + name + "\" of " + getClass().getSimpleName() + " is null.");
    }
    children.put(name, module);
    return new Key(name);
  }

  /**
   * Registers a trainable parameter (requiresGrad is set); null means absent, for example no bias.
   */
  protected final Key param(String name, FloatTensor tensor) {
    checkName(name);
    params.put(name, tensor == null ? null : lasting(tensor).requiresGrad(true));
    return new Key(name);
  }

  /**
   * Registers state that is saved but not trained, such as running statistics; null means absent.
   */
  protected final Key buffer(String name, Tensor tensor) {
    checkName(name);
    buffers.put(name, lasting(tensor));
    return new Key(name);
  }

  /** A module's state outlives the scope that it was made in. */
  private static <T extends Tensor> T lasting(T tensor) {
    return tensor == null ? null : TensorScope.detach(tensor);
  }

  private void checkName(String name) {
    if (name.isEmpty()
        || name.contains(".")
        || children.containsKey(name)
        || params.containsKey(name)
        || buffers.containsKey(name)) {
      throw new OctetException(
          "\""
              + name
              + "\" cannot name a part of "
              + getClass().getSimpleName()
              + "; names are unique in a module, not empty, and have no dot.");
    }
  }

  /**
   * Runs a child on {@code inputs}: the only way in which a forward calls its children.
   *
   * @throws OctetException what the child threw, with the child's name in front of the path
   */
  protected final Tensor run(Key key, Tensor... inputs) {
    Module child = slot(key);
    return within(key.name, () -> child.call(inputs));
  }

  /**
   * The functional child (FloatFunctional, after convert QFunctional) in a slot, as the arithmetic
   * that it offers:
   *
   * <pre>{@code
   * private final Key skip = child("skip", new FloatFunctional());
   *
   * public Tensor forward(Tensor... in) {
   *   return functional(skip).add(run(conv, in[0]), in[0]);
   * }
   * }</pre>
   *
   * @throws OctetException if the slot holds another kind of module
   */
  protected final Functional functional(Key key) {
    Module child = slot(key);
    if (child instanceof Functional f) {
      return new ScopedFunctional(key.name, f);
    }
    throw new OctetException(
        "Child \""
            + key.name
            + "\" of "
            + getClass().getSimpleName()
            + " is a "
            + child
            + "; expected a FloatFunctional. Call it with run(key, ...), or register a FloatFunctional.");
  }

  private Module slot(Key key) {
    Module child = children.get(key.name);
    if (child == null) {
      throw new OctetException(
          getClass().getSimpleName()
              + " has no child \""
              + key.name
              + "\"; use the key that this module's own child(...) returned.");
    }
    return child;
  }

  /** Calls a child's code: errors and traces get its name. */
  static Tensor within(String name, Supplier<Tensor> body) {
    Interpreter interpreter = Interpreter.current();
    interpreter.enterModule(name);
    try {
      return body.get();
    } catch (OctetException e) {
      e.prependModule(name);
      throw e;
    } finally {
      interpreter.exitModule();
    }
  }

  /**
   * Runs a batch normalisation and the ReLU that follows it, as one op where that is possible:
   * while training.
   *
   * @param bn a child that is a BatchNorm
   */
  protected final Tensor runWithRelu(Key bn, Tensor x) {
    BatchNorm b = (BatchNorm) slot(bn);
    return b.takesRelu() ? within(bn.name, () -> b.withRelu(x)) : UnaryOp.RELU.apply(run(bn, x));
  }

  /** The current tensor of a parameter or buffer; null if absent. */
  protected final FloatTensor get(Key key) {
    if (params.containsKey(key.name)) {
      return params.get(key.name);
    }
    return (FloatTensor) buffers.get(key.name);
  }

  /** The current tensor of a buffer of any type; null if absent. */
  protected final Tensor getBuffer(Key key) {
    return buffers.get(key.name);
  }

  /** Replaces a parameter's or buffer's tensor. */
  protected final void set(Key key, Tensor tensor) {
    if (params.containsKey(key.name)) {
      params.put(key.name, (FloatTensor) lasting(tensor));
    } else {
      buffers.put(key.name, lasting(tensor));
    }
  }

  /**
   * The function of this module. Calls children through {@link #run} and ops through their static
   * methods.
   */
  @Override
  public abstract Tensor forward(Tensor... inputs);

  /**
   * {@link #forward}, then the observer or fake quantizer that {@code prepare} attached, if any.
   */
  public final Tensor call(Tensor... inputs) {
    Tensor y = forward(inputs);
    Module post = children.get(ACTIVATION_POST_PROCESS);
    return post == null || handlesPostProcess() ? y : post.forward(y);
  }

  /** Whether forward applies {@link #ACTIVATION_POST_PROCESS} itself, as FloatFunctional does. */
  protected boolean handlesPostProcess() {
    return false;
  }

  // ---- structure
  // ---------------------------------------------------------------------------------------------------

  /** Direct children by name, in order of registration; unmodifiable. */
  public final Map<String, Module> namedChildren() {
    return Collections.unmodifiableMap(children);
  }

  /** Direct parameters by name; values may be null; unmodifiable. */
  public final Map<String, FloatTensor> directParameters() {
    return Collections.unmodifiableMap(params);
  }

  /** Direct buffers by name; values may be null; unmodifiable. */
  public final Map<String, Tensor> directBuffers() {
    return Collections.unmodifiableMap(buffers);
  }

  /**
   * This module ("") and all below it by path; a shared module stands under its first path only.
   */
  public final Map<String, Module> namedModules() {
    Map<String, Module> out = new LinkedHashMap<>();
    collect("", out, Collections.newSetFromMap(new IdentityHashMap<>()));
    return out;
  }

  private void collect(String path, Map<String, Module> out, java.util.Set<Module> seen) {
    if (!seen.add(this)) {
      return;
    }
    out.put(path, this);
    children.forEach((name, m) -> m.collect(path.isEmpty() ? name : path + "." + name, out, seen));
  }

  /**
   * The module at a path such as "features.3.conv1"; "" is this one.
   *
   * @throws OctetException if there is none, naming the children that there are
   */
  public final Module module(String path) {
    Module m = this;
    String done = "";
    for (String name : path.isEmpty() ? new String[0] : path.split("\\.")) {
      Module next = m.children.get(name);
      if (next == null) {
        throw new OctetException(
            "There is no module \""
                + path
                + "\": "
                + (done.isEmpty() ? "the root" : "\"" + done + "\"")
                + " has children "
                + m.children.keySet()
                + ".");
      }
      m = next;
      done = done.isEmpty() ? name : done + "." + name;
    }
    return m;
  }

  /** Puts another module into the slot {@code name}, which need not exist; null removes it. */
  public final void setChild(String name, Module module) {
    if (module == null) {
      children.remove(name);
    } else {
      if (!children.containsKey(name)) {
        checkName(name);
      }
      children.put(name, module);
    }
  }

  /** Calls {@code action} for this module and every module below it. */
  public final Module apply(Consumer<Module> action) {
    namedModules().values().forEach(action);
    return this;
  }

  /** All parameters by path, absent ones left out; shared ones stand once. */
  public final Map<String, FloatTensor> namedParameters() {
    Map<String, FloatTensor> out = new LinkedHashMap<>();
    namedModules()
        .forEach(
            (path, m) ->
                m.params.forEach(
                    (name, t) -> {
                      if (t != null) {
                        out.put(path.isEmpty() ? name : path + "." + name, t);
                      }
                    }));
    return out;
  }

  /** All parameters, in the order of {@link #namedParameters()}. */
  public final List<FloatTensor> parameters() {
    return new ArrayList<>(namedParameters().values());
  }

  // ---- mode
  // ----------------------------------------------------------------------------------------------------------

  /** Switches this module and those below it to training mode; returns this. */
  public final Module train() {
    return train(true);
  }

  /** Switches this module and those below it to evaluation mode; returns this. */
  public final Module eval() {
    return train(false);
  }

  /** Switches the mode of this module and those below it; returns this. */
  public final Module train(boolean mode) {
    return apply(m -> m.setTraining(mode));
  }

  /** Sets this module's own flag; a module whose statistics are frozen may override it. */
  protected void setTraining(boolean mode) {
    training = mode;
  }

  /** Whether this is in training mode, the state after construction. */
  public final boolean isTraining() {
    return training;
  }

  // ---- state
  // ---------------------------------------------------------------------------------------------------------

  /** All parameters and buffers by path: the live tensors, not copies. */
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> out = new LinkedHashMap<>();
    namedModules()
        .forEach(
            (path, m) -> {
              String prefix = path.isEmpty() ? "" : path + ".";
              m.params.forEach(
                  (name, t) -> {
                    if (t != null) {
                      out.put(prefix + name, t);
                    }
                  });
              m.buffers.forEach(
                  (name, t) -> {
                    if (t != null) {
                      out.put(prefix + name, t);
                    }
                  });
            });
    return out;
  }

  /**
   * Copies values into this module's parameters and buffers.
   *
   * @param state values by path; shapes and kinds as {@link #stateDict()} has them. PyTorch's
   *     "num_batches_tracked" and its observers' "eps" are ignored.
   * @throws OctetException naming what is missing, unexpected or of another shape; nothing is
   *     changed then
   */
  public final void loadStateDict(Map<String, ? extends Tensor> state) {
    Map<String, Tensor> mine = stateDict();
    Set<String> anyShape = new HashSet<>();
    namedModules()
        .forEach(
            (path, m) -> {
              if (m.loadsBuffersOfAnyShape()) {
                m.buffers
                    .keySet()
                    .forEach(name -> anyShape.add(path.isEmpty() ? name : path + "." + name));
              }
            });
    List<String> wrong = new ArrayList<>();
    mine.forEach(
        (name, t) -> {
          Tensor s = state.get(name);
          if (s == null) {
            wrong.add("missing " + name + " " + t.shape());
          } else if ((!s.shape().equals(t.shape()) && !anyShape.contains(name))
              || s.dtype() != t.dtype()) {
            wrong.add(
                name + " is " + s.dtype() + s.shape() + ", expected " + t.dtype() + t.shape());
          }
        });
    for (String name : state.keySet()) {
      if (!mine.containsKey(name) && !isIgnored(name)) {
        wrong.add("unexpected " + name);
      }
    }
    if (!wrong.isEmpty()) {
      throw new OctetException(
          "The state does not fit "
              + getClass().getSimpleName()
              + ": "
              + String.join("; ", wrong)
              + ".");
    }
    namedModules().forEach((path, m) -> m.loadOwn(path.isEmpty() ? "" : path + ".", state));
  }

  /**
   * Constants and counters that PyTorch saves and Octet does not have: an observer's eps is an
   * option of it.
   */
  private static boolean isIgnored(String name) {
    return name.endsWith("num_batches_tracked")
        || name.endsWith(ACTIVATION_POST_PROCESS + ".eps")
        || name.equals("eps");
  }

  private void loadOwn(String prefix, Map<String, ? extends Tensor> state) {
    params.forEach(
        (name, t) -> {
          if (t != null) {
            t.copyFrom((FloatTensor) state.get(prefix + name));
          }
        });
    for (Map.Entry<String, Tensor> e : buffers.entrySet()) {
      if (e.getValue() instanceof FloatTensor f) {
        FloatTensor from = (FloatTensor) state.get(prefix + e.getKey());
        if (f.shape().equals(from.shape())) {
          f.copyFrom(from);
        } else {
          e.setValue(lasting(from.copy()));
        }
      } else if (e.getValue() instanceof QuantizedTensor) {
        e.setValue(lasting(((QuantizedTensor) state.get(prefix + e.getKey())).copy()));
      } else if (e.getValue() instanceof LongTensor) {
        LongTensor from = (LongTensor) state.get(prefix + e.getKey());
        e.setValue(lasting(LongTensor.of(from.toArray(), from.shape().dims())));
      }
    }
  }

  /**
   * Whether {@link #loadStateDict} may change the shapes of this module's own buffers, as for
   * per-channel statistics.
   */
  protected boolean loadsBuffersOfAnyShape() {
    return false;
  }

  /**
   * A deep copy: children, parameters and buffers are copies; what was shared inside stays shared.
   */
  public final Module copy() {
    return copy(new IdentityHashMap<>());
  }

  private Module copy(IdentityHashMap<Object, Object> done) {
    Module known = (Module) done.get(this);
    if (known != null) {
      return known;
    }
    Module m;
    try {
      m = (Module) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
    done.put(this, m);
    m.children = new LinkedHashMap<>();
    children.forEach((name, c) -> m.children.put(name, c.copy(done)));
    m.params = new LinkedHashMap<>();
    params.forEach((name, t) -> m.params.put(name, (FloatTensor) copyTensor(t, done)));
    m.buffers = new LinkedHashMap<>();
    buffers.forEach((name, t) -> m.buffers.put(name, copyTensor(t, done)));
    m.copied(this);
    return m;
  }

  /**
   * Called on a fresh copy, whose plain fields are still shared with {@code original}; copy mutable
   * ones here.
   */
  protected void copied(Module original) {}

  private static Tensor copyTensor(Tensor t, IdentityHashMap<Object, Object> done) {
    if (t == null) {
      return null;
    }
    return (Tensor)
        done.computeIfAbsent(
            t,
            k -> {
              if (t instanceof FloatTensor f) {
                return lasting(f.copy()).requiresGrad(f.requiresGrad());
              }
              // Quantized and integer state is never changed in place.
              return t;
            });
  }

  /** A description for reports: the class name and what the subclass adds. */
  @Override
  public String toString() {
    return getClass().getSimpleName();
  }
}
