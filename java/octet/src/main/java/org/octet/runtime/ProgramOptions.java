package org.octet.runtime;

import java.time.Duration;
import org.octet.backend.Backend;
import org.octet.tensor.OctetException;

/**
 * How a {@link Program} is compiled and how much memory it may keep.
 *
 * @param backend who executes; null for the thread's current backend at the time of compiling
 * @param sessions how many runs may go on at once, each with memory of its own; more callers wait.
 *     At least 1.
 * @param maxPlans how many sets of input shapes stay prepared; the least recently used is dropped.
 *     At least 1.
 * @param threads threads for each run; 1 to run on the caller alone. At least 1.
 * @param spin how long the helping threads stay awake after a run, see {@link Session#spin}
 */
public record ProgramOptions(
    Backend backend, int sessions, int maxPlans, int threads, Duration spin) {
  /** Checks the numbers. */
  public ProgramOptions {
    if (sessions < 1 || maxPlans < 1 || threads < 1) {
      throw new OctetException(
          "A Program needs at least one session, plan and thread; found sessions="
              + sessions
              + ", maxPlans="
              + maxPlans
              + ", threads="
              + threads
              + ".");
    }
    Session.spinMicros(spin);
  }

  /**
   * The current backend, as many sessions as the machine has processors, 8 plans, one thread for
   * each run, none that spins.
   */
  public static ProgramOptions defaults() {
    return new ProgramOptions(
        null, Runtime.getRuntime().availableProcessors(), 8, 1, Duration.ZERO);
  }

  /** These with another backend. */
  public ProgramOptions withBackend(Backend value) {
    return new ProgramOptions(value, sessions, maxPlans, threads, spin);
  }

  /** These with another number of sessions. */
  public ProgramOptions withSessions(int value) {
    return new ProgramOptions(backend, value, maxPlans, threads, spin);
  }

  /** These with another number of prepared shapes. */
  public ProgramOptions withMaxPlans(int value) {
    return new ProgramOptions(backend, sessions, value, threads, spin);
  }

  /** These with another number of threads for each run. */
  public ProgramOptions withThreads(int value) {
    return new ProgramOptions(backend, sessions, maxPlans, value, spin);
  }

  /** These with another time for which helping threads stay awake, see {@link Session#spin}. */
  public ProgramOptions withSpin(Duration value) {
    return new ProgramOptions(backend, sessions, maxPlans, threads, value);
  }
}
