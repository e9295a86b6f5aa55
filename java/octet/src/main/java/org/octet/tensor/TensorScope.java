package org.octet.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Closes at its end every tensor that its thread made inside it.
 *
 * <pre>{@code
 * try (TensorScope scope = TensorScope.open()) {
 *   Tensor y = model.forward(x);
 *   return scope.keep(y);
 * }
 * }</pre>
 *
 * Scopes nest; a kept tensor goes to the enclosing scope, or to the caller where there is none.
 */
public final class TensorScope implements AutoCloseable {
  private static final ThreadLocal<TensorScope> CURRENT = new ThreadLocal<>();

  private final TensorScope parent = CURRENT.get();
  private final Thread owner = Thread.currentThread();
  private final List<Tensor> tensors = new ArrayList<>();
  private boolean closed;

  private TensorScope() {
    CURRENT.set(this);
  }

  /** Opens a scope on this thread. */
  public static TensorScope open() {
    return new TensorScope();
  }

  static void register(Tensor tensor) {
    TensorScope scope = CURRENT.get();
    if (scope != null) {
      tensor.scope = scope;
      scope.tensors.add(tensor);
    }
  }

  /**
   * Excepts a tensor from the closing; returns it. Tensors of other scopes are left alone.
   *
   * @throws ClosedException if this scope is closed or belongs to another thread
   */
  public <T extends Tensor> T keep(T tensor) {
    check();
    if (tensor.scope == this) {
      tensor.scope = parent;
      if (parent != null) {
        parent.tensors.add(tensor);
      }
    }
    return tensor;
  }

  /**
   * Takes a tensor out of its scope, if it has one: it lives until it is closed or forgotten.
   * Returns it.
   */
  public static <T extends Tensor> T detach(T tensor) {
    tensor.scope = null;
    return tensor;
  }

  private void check() {
    if (closed || owner != Thread.currentThread()) {
      throw new ClosedException(
          closed
              ? "This TensorScope is closed; keep tensors before its end."
              : "This TensorScope belongs to thread "
                  + owner.getName()
                  + "; open one on each thread.");
    }
  }

  /**
   * Closes the tensors and makes the enclosing scope current again.
   *
   * @throws ClosedException on another thread than the one that opened it
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    check();
    closed = true;
    CURRENT.set(parent);
    for (Tensor t : tensors) {
      if (t.scope == this) {
        t.close();
      }
    }
    tensors.clear();
  }
}
