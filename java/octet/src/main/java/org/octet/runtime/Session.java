package org.octet.runtime;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.octet.backend.Plan;
import org.octet.tensor.ClosedException;
import org.octet.tensor.OctetException;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;

/**
 * The memory of one run at a time of a {@link Program}. A caller that holds a session never waits
 * for another; one thread uses it at a time. It keeps an arena for each set of input shapes that it
 * has run, up to the program's maxPlans.
 */
public final class Session implements AutoCloseable {
  private static final Duration MOST_SPIN = Duration.ofSeconds(1);
  private static final int IDLE = 0;
  private static final int BUSY = 1;
  private static final int CLOSED = 2;
  private static final int CLOSED_BUSY = 3;

  private final Program program;
  private final AtomicInteger state = new AtomicInteger(IDLE);
  private final ShapePlan[] plans;
  private final Plan.Session[] arenas;
  private final Storage[] held;
  private final Tensor[] oneIn = new Tensor[1];
  private final Tensor[] oneOut = new Tensor[1];
  private int count;
  private int threads;
  private int spinMicros;

  Session(Program program) {
    ProgramOptions options = program.options();
    this.program = program;
    this.threads = options.threads();
    this.spinMicros = spinMicros(options.spin());
    this.plans = new ShapePlan[options.maxPlans()];
    this.arenas = new Plan.Session[plans.length];
    this.held = new Storage[program.inputCount() + program.outputCount()];
  }

  /**
   * Sets the number of threads that a run may use, the caller included; the bits do not depend on
   * it.
   *
   * @throws OctetException if it is below 1
   */
  public Session threads(int n) {
    if (n < 1) {
      throw new OctetException("A session was given " + n + " threads; expected at least 1.");
    }
    threads = n;
    return this;
  }

  /**
   * Sets how long the helping threads stay awake after a run, ready for the next one. Zero, the
   * default, lets them sleep at once, and nothing uses a CPU between runs; but to wake one takes
   * tens of microseconds, which a run of less than a millisecond feels. A service whose runs follow
   * each other closely may give some of a CPU for it. Means nothing with one thread.
   *
   * @param time from 0 to 1 second; rounded up to microseconds
   * @throws OctetException if it is outside of that
   */
  public Session spin(Duration time) {
    spinMicros = spinMicros(time);
    return this;
  }

  static int spinMicros(Duration time) {
    if (time == null || time.isNegative() || time.compareTo(MOST_SPIN) > 0) {
      throw new OctetException(
          "A session was given "
              + time
              + " to spin; expected from "
              + Duration.ZERO
              + " to "
              + MOST_SPIN
              + ".");
    }
    return (int) ((time.toNanos() + 999) / 1000);
  }

  /** As {@link Program#run(Tensor, Tensor)}, with this session's memory. */
  public void run(Tensor in, Tensor out) {
    program.enter();
    try {
      runOne(in, out);
    } finally {
      program.exit();
    }
  }

  /** As {@link Program#run(Tensor[], Tensor[])}, with this session's memory. */
  public void run(Tensor[] in, Tensor[] out) {
    program.enter();
    try {
      runAll(in, out);
    } finally {
      program.exit();
    }
  }

  /** As {@link Program#run(Tensor)}, with this session's memory. */
  public Tensor run(Tensor in) {
    return run(new Tensor[] {in})[0];
  }

  /** As {@link Program#run(Tensor[])}, with this session's memory. */
  public Tensor[] run(Tensor[] in) {
    program.enter();
    try {
      return runFresh(in);
    } finally {
      program.exit();
    }
  }

  void runOne(Tensor in, Tensor out) {
    begin();
    try {
      oneIn[0] = in;
      oneOut[0] = out;
      execute(oneIn, oneOut);
    } finally {
      oneIn[0] = null;
      oneOut[0] = null;
      end();
    }
  }

  void runAll(Tensor[] in, Tensor[] out) {
    begin();
    try {
      execute(in, out);
    } finally {
      end();
    }
  }

  Tensor[] runFresh(Tensor[] in) {
    begin();
    try {
      program.checkInputs(in);
      Tensor[] out = program.newOutputs(plans[find(in)]);
      try {
        execute(in, out);
      } catch (RuntimeException | Error e) {
        for (Tensor t : out) {
          t.close();
        }
        throw e;
      }
      return out;
    } finally {
      end();
    }
  }

  private void begin() {
    if (!state.compareAndSet(IDLE, BUSY)) {
      if (state.get() == BUSY) {
        throw new OctetException(
            "A Session was used by two threads at once; call Program.newSession() for each thread, or Program.run.");
      }
      throw new ClosedException("This Session is closed. Close it after its last run.");
    }
  }

  private void end() {
    if (!state.compareAndSet(BUSY, IDLE)) {
      state.set(CLOSED);
      free();
    }
  }

  private void execute(Tensor[] in, Tensor[] out) {
    program.checkInputs(in);
    int entry = find(in);
    ShapePlan plan = plans[entry];
    program.checkOutputs(plan, in, out);
    if (!plan.touched) {
      plan.touched = true;
    }
    Plan.Session arena = arenas[entry];
    int n = 0;
    try {
      for (int i = 0; i < in.length; i++) {
        n = hold(n, arena, program.inputName(i), in[i]);
      }
      for (int i = 0; i < out.length; i++) {
        n = hold(n, arena, program.outputName(i), out[i]);
      }
      checkOverlap(in, out, n);
      arena.run(threads, spinMicros);
    } finally {
      while (n > 0) {
        held[--n].release();
        held[n] = null;
      }
    }
  }

  /** Keeps the tensor's memory alive during the run, even if it is closed meanwhile. */
  private int hold(int n, Plan.Session arena, String name, Tensor t) {
    try {
      Storage s = t.storage();
      s.acquire();
      held[n] = s;
      arena.bind(n, s, t.byteOffset());
    } catch (OctetException e) {
      if (held[n] != null) {
        held[n].release();
        held[n] = null;
      }
      e.prependModule(name);
      throw e;
    }
    return n + 1;
  }

  /**
   * An output is written before all inputs are read, so it must not share bytes with anything else.
   */
  private void checkOverlap(Tensor[] in, Tensor[] out, int n) {
    for (int o = in.length; o < n; o++) {
      Tensor a = out[o - in.length];
      for (int i = 0; i < o; i++) {
        Tensor b = i < in.length ? in[i] : out[i - in.length];
        if (held[o] == held[i]
            && a.byteOffset() < b.byteOffset() + b.numel() * b.dtype().bytes()
            && b.byteOffset() < a.byteOffset() + a.numel() * a.dtype().bytes()) {
          throw new OctetException(
              "Output "
                  + program.outputName(o - in.length)
                  + " shares memory with "
                  + (i < in.length
                      ? "input " + program.inputName(i)
                      : "output " + program.outputName(i - in.length))
                  + "; give it memory of its own.");
        }
      }
    }
  }

  /** Position of the plan for these inputs; makes arena and plan when they are new. */
  private int find(Tensor[] in) {
    for (int i = 0; i < count; i++) {
      if (plans[i].matches(in) && !plans[i].dropped) {
        return i;
      }
    }
    ShapePlan plan = program.plan(in);
    try {
      prune();
      if (count == plans.length) {
        drop(0);
      }
      arenas[count] = plan.newArena();
    } catch (RuntimeException | Error e) {
      plan.release();
      throw e;
    }
    plans[count] = plan;
    return count++;
  }

  /** Gives up plans that the program's cache dropped. Called while nobody runs with this. */
  void prune() {
    for (int i = count - 1; i >= 0; i--) {
      if (plans[i].dropped) {
        drop(i);
      }
    }
  }

  private void drop(int i) {
    arenas[i].close();
    plans[i].release();
    count--;
    System.arraycopy(plans, i + 1, plans, i, count - i);
    System.arraycopy(arenas, i + 1, arenas, i, count - i);
    plans[count] = null;
    arenas[count] = null;
  }

  private void free() {
    while (count > 0) {
      drop(count - 1);
    }
  }

  /**
   * Ends the session; its memory is freed now, or when its run ends. May be called again and from
   * any thread.
   */
  @Override
  public void close() {
    int s;
    do {
      s = state.get();
      if (s == CLOSED || s == CLOSED_BUSY) {
        return;
      }
    } while (!state.compareAndSet(s, s == IDLE ? CLOSED : CLOSED_BUSY));
    if (s == IDLE) {
      free();
    }
  }
}
