package org.octet.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.octet.backend.Backend;
import org.octet.backend.JavaBackend;
import org.octet.backend.NativeBackend;
import org.octet.backend.OpKind;
import org.octet.backend.Operator;
import org.octet.backend.OperatorContext;
import org.octet.backend.OperatorSpec;
import org.octet.backend.Plan;
import org.octet.backend.PlanStep;
import org.octet.tensor.Storage;

/** Backends for tests: all that run here, and one that counts what is made and closed. */
final class TestBackends {
  private TestBackends() {}

  /** The Java twin and every instruction set of the native library that this machine runs. */
  static List<Backend> all() {
    List<Backend> all = new ArrayList<>();
    all.add(JavaBackend.instance());
    all.addAll(NativeBackend.available());
    return all;
  }

  /** Counts operators, plans and arenas, and can do something instead of a run or around it. */
  static final class Counting implements Backend {
    final Backend backend;
    final AtomicInteger operators = new AtomicInteger();
    final AtomicInteger operatorsOpen = new AtomicInteger();
    final AtomicInteger plans = new AtomicInteger();
    final AtomicInteger plansOpen = new AtomicInteger();
    final AtomicInteger arenasOpen = new AtomicInteger();
    final AtomicInteger runningAtClose = new AtomicInteger();
    final AtomicInteger running = new AtomicInteger();
    volatile Runnable beforeRun = () -> {};
    volatile boolean runNothing;

    Counting(Backend backend) {
      this.backend = backend;
    }

    @Override
    public String name() {
      return backend.name();
    }

    @Override
    public String isa() {
      return backend.isa();
    }

    @Override
    public Operator create(OperatorSpec spec) {
      Operator o = backend.create(spec);
      operators.incrementAndGet();
      operatorsOpen.incrementAndGet();
      return new Operator() {
        @Override
        public OperatorContext shape(int... dims) {
          return o.shape(dims);
        }

        @Override
        public OpKind kind() {
          return o.kind();
        }

        @Override
        public void close() {
          closing(operatorsOpen);
          o.close();
        }
      };
    }

    private void closing(AtomicInteger open) {
      open.decrementAndGet();
      runningAtClose.addAndGet(running.get());
    }

    @Override
    public Plan plan(List<PlanStep> steps, long arenaBytes, int externals) {
      Plan p = backend.plan(steps, arenaBytes, externals);
      plans.incrementAndGet();
      plansOpen.incrementAndGet();
      return new Plan() {
        @Override
        public Session newSession() {
          Plan.Session s = p.newSession();
          arenasOpen.incrementAndGet();
          return new CountedSession(s);
        }

        @Override
        public void close() {
          plansOpen.decrementAndGet();
          p.close();
        }
      };
    }

    private final class CountedSession implements Plan.Session {
      final Plan.Session session;

      CountedSession(Plan.Session session) {
        this.session = session;
      }

      @Override
      public void bind(int index, Storage storage, long byteOffset) {
        session.bind(index, storage, byteOffset);
      }

      @Override
      public void run(int threads, int spinMicros) {
        running.incrementAndGet();
        try {
          beforeRun.run();
          if (!runNothing) {
            session.run(threads, spinMicros);
          }
        } finally {
          running.decrementAndGet();
        }
      }

      @Override
      public void close() {
        arenasOpen.decrementAndGet();
        session.close();
      }
    }
  }
}
