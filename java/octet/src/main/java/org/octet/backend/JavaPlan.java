package org.octet.backend;

import java.util.List;
import org.octet.backend.twin.Memory;
import org.octet.tensor.Storage;

/** A plan of the Java twin: its steps one after another. */
final class JavaPlan implements Plan {
  private final List<PlanStep> steps;
  private final PlanLayout layout;
  private volatile boolean closed;

  JavaPlan(List<PlanStep> steps, long arenaBytes, int externals) {
    this.steps = List.copyOf(steps);
    this.layout = new PlanLayout(this.steps, JavaOperator.Context.class, arenaBytes, externals);
  }

  @Override
  public Session newSession() {
    if (closed) {
      throw PlanLayout.closed();
    }
    return new JavaSession();
  }

  @Override
  public void close() {
    closed = true;
  }

  private final class JavaSession implements Session {
    private final Storage arena = Storage.allocate(layout.arenaBytes());
    private final Storage[] external = new Storage[layout.externals()];
    private final long[] offset = new long[layout.externals()];

    /** A close during a run waits for its end: the arena may be native memory. */
    private final Gate gate =
        new Gate("session") {
          @Override
          void free() {
            arena.release();
          }
        };

    @Override
    public void bind(int index, Storage storage, long byteOffset) {
      layout.checkBinding(index, storage, byteOffset);
      gate.enterAlone();
      external[index] = storage;
      offset[index] = byteOffset;
      gate.exit();
    }

    @Override
    public void run(int threads, int spinMicros) {
      gate.enterAlone();
      try {
        if (closed) {
          throw PlanLayout.closed();
        }
        layout.acquire(external);
        try {
          compute();
        } finally {
          layout.release(external);
        }
      } finally {
        gate.exit();
      }
    }

    private void compute() {
      for (PlanStep step : steps) {
        long[] inputs = step.inputs();
        Memory[] in = new Memory[inputs.length];
        for (int i = 0; i < in.length; i++) {
          in[i] = memory(inputs[i]);
        }
        ((JavaOperator.Context) step.context()).compute(in, memory(step.output()));
      }
    }

    private Memory memory(long reference) {
      if (reference >= 0) {
        return Memory.of(arena, reference);
      }
      int index = (int) (-1 - reference);
      return Memory.of(external[index], offset[index]);
    }

    @Override
    public void close() {
      gate.close();
    }
  }
}
