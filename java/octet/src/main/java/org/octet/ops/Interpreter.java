package org.octet.ops;

import org.octet.backend.Backends;
import org.octet.tensor.Tensor;

/**
 * The one place that dispatches ops: a stack for each thread. The bottom executes eagerly; an
 * autograd tape and a tracer are interpreters that live in the packages above and are pushed for a
 * while.
 */
public interface Interpreter {
  /** Runs, records or traces one op. */
  Tensor[] apply(Op op, Tensor... inputs);

  /** A child module is about to run; {@code name} is its slot in the parent. */
  default void enterModule(String name) {}

  /** The child module is done, normally or not. */
  default void exitModule() {}

  /**
   * Whether a gradient for {@code input} is of use; {@link Op#gradient} may leave it out otherwise.
   */
  default boolean needsGradient(Tensor input) {
    return true;
  }

  /** Whether results have values; false while tracing. */
  default boolean executes() {
    return true;
  }

  /** The innermost interpreter of this thread. */
  static Interpreter current() {
    return Stack.TOP.get();
  }

  /** Makes {@code interpreter} the innermost of this thread until the returned handle is closed. */
  static Pushed push(Interpreter interpreter) {
    return new Pushed(interpreter);
  }

  /** The bottom of every stack: executes with {@link Backends#current()}. */
  Interpreter EAGER =
      (op, inputs) -> op.execute(new ExecutionContext(Backends.current(), null), inputs);

  /** Ends a {@link #push}. */
  final class Pushed implements AutoCloseable {
    private final Interpreter before;
    private final Interpreter mine;

    private Pushed(Interpreter interpreter) {
      this.before = Stack.TOP.get();
      this.mine = interpreter;
      Stack.TOP.set(interpreter);
    }

    @Override
    public void close() {
      if (Stack.TOP.get() != mine) {
        throw new IllegalStateException(
            "Interpreters must be closed in the reverse order of their opening, on one thread.");
      }
      Stack.TOP.set(before);
    }
  }

  /** The thread-local stack's top. */
  final class Stack {
    private static final ThreadLocal<Interpreter> TOP = ThreadLocal.withInitial(() -> EAGER);

    private Stack() {}
  }
}
