package org.octet.autograd;

import org.octet.ops.Interpreter;

/**
 * Suspends recording on this thread until it is closed: ops run as they do without a tape, on the
 * fixed-order kernels.
 *
 * <pre>{@code
 * try (NoGrad off = NoGrad.enter()) {
 *   Tensor y = model.forward(x);
 * }
 * }</pre>
 */
public final class NoGrad implements AutoCloseable {
  private final Interpreter.Pushed pushed = Interpreter.push(Interpreter.EAGER);

  private NoGrad() {}

  /** Suspends recording. */
  public static NoGrad enter() {
    return new NoGrad();
  }

  @Override
  public void close() {
    pushed.close();
  }
}
