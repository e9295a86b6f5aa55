package org.octet.backend;

import java.util.concurrent.atomic.AtomicInteger;
import org.octet.tensor.ClosedException;

/**
 * Counts the uses of something that must be freed once, and never while in use: {@link #close}
 * forbids new uses, and {@link #free} runs when there is none left.
 */
abstract class Gate {
  private static final int CLOSED = 1 << 30;

  private final String what;
  private final AtomicInteger state = new AtomicInteger();

  /**
   * @param what the noun of messages, as "session"
   */
  Gate(String what) {
    this.what = what;
  }

  /** Begins a use unless closed. */
  final boolean tryEnter() {
    int s;
    do {
      s = state.get();
      if ((s & CLOSED) != 0) {
        return false;
      }
    } while (!state.compareAndSet(s, s + 1));
    return true;
  }

  /**
   * Begins a use.
   *
   * @throws ClosedException after {@link #close}
   */
  final void enter() {
    if (!tryEnter()) {
      throw closedException();
    }
  }

  /**
   * Begins a use that must be the only one.
   *
   * @throws ClosedException after {@link #close}
   * @throws BackendException if there is another use
   */
  final void enterAlone() {
    if (!state.compareAndSet(0, 1)) {
      if ((state.get() & CLOSED) != 0) {
        throw closedException();
      }
      throw new BackendException(
          "The " + what + " is running on another thread; give each thread its own.");
    }
  }

  /** Ends a use. */
  final void exit() {
    if (state.decrementAndGet() == CLOSED) {
      free();
    }
  }

  /** Forbids new uses; frees now or at the end of the last use. Repeated calls do nothing. */
  void close() {
    int s;
    do {
      s = state.get();
      if ((s & CLOSED) != 0) {
        return;
      }
    } while (!state.compareAndSet(s, s | CLOSED));
    if (s == 0) {
      free();
    }
  }

  final boolean isClosed() {
    return (state.get() & CLOSED) != 0;
  }

  /** Frees; called once. */
  abstract void free();

  final ClosedException closedException() {
    return new ClosedException(
        "The " + what + " was closed before this run; keep it open as long as it is used.");
  }
}
