package org.octet.runtime;

import org.octet.tensor.ClosedException;
import org.octet.tensor.OctetException;

/**
 * The sessions that {@link Program#run} borrows; last in, first out, so that the memory used is the
 * one in the caches.
 */
final class SessionPool {
  private final Program program;
  private final Session[] idle;
  private int idleCount;
  private int made;
  private boolean closed;

  SessionPool(Program program, int size) {
    this.program = program;
    this.idle = new Session[size];
  }

  /**
   * An idle session; waits for one when all are in use. Allocates nothing once all were made.
   *
   * @throws ClosedException if the program is closed while waiting
   * @throws OctetException if the thread is interrupted while waiting
   */
  synchronized Session take() {
    while (!closed) {
      if (idleCount > 0) {
        Session s = idle[--idleCount];
        idle[idleCount] = null;
        return s;
      }
      if (made < idle.length) {
        Session s = new Session(program);
        made++;
        return s;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new OctetException(
            "The thread was interrupted while all "
                + idle.length
                + " sessions were in use; raise ProgramOptions.sessions.",
            e);
      }
    }
    throw Program.closed();
  }

  synchronized void put(Session s) {
    idle[idleCount++] = s;
    notify();
  }

  /** Idle sessions give up plans that the cache dropped. */
  synchronized void prune() {
    for (int i = 0; i < idleCount; i++) {
      idle[i].prune();
    }
  }

  /** Wakes those who wait: they get a ClosedException. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** Frees all sessions; nobody uses one any more. */
  synchronized void free() {
    while (idleCount > 0) {
      idle[--idleCount].close();
    }
  }
}
