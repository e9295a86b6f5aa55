package org.octet.backend;

import java.util.List;
import org.octet.natives.OctetNative;
import org.octet.tensor.Storage;

/** A native plan: its runs cross into native code once. */
final class NativePlan implements Plan {
  private final PlanLayout layout;
  private final Handle handle;
  private final NativeNet net;

  NativePlan(List<PlanStep> steps, long arenaBytes, int externals) {
    layout = new PlanLayout(steps, NativeContext.class, arenaBytes, externals);
    NativeOperator.ContextHandle[] contexts = new NativeOperator.ContextHandle[steps.size()];
    int held = 0;
    Handle made = null;
    try {
      for (; held < contexts.length; held++) {
        contexts[held] = ((NativeContext) steps.get(held).context()).acquire();
      }
      made = new Handle(create(steps, contexts), contexts);
    } finally {
      for (int i = 0; made == null && i < held; i++) {
        contexts[i].exit();
      }
    }
    handle = made;
    net = NativeNet.watch(this, handle);
  }

  private static long create(List<PlanStep> steps, NativeOperator.ContextHandle[] contexts) {
    int n = 0;
    for (PlanStep s : steps) {
      n += 4 + s.inputs().length;
    }
    long[] records = new long[n];
    int at = 0;
    for (int i = 0; i < contexts.length; i++) {
      PlanStep s = steps.get(i);
      records[at++] = contexts[i].address;
      records[at++] = s.scratch();
      records[at++] = s.inputs().length;
      for (long input : s.inputs()) {
        records[at++] = input;
      }
      records[at++] = s.output();
    }
    Storage block = NativeBackend.block(records);
    Storage out = NativeBackend.block(0);
    try {
      NativeBackend.check(
          OctetNative.octet_plan_create(block.address(), n, out.address()),
          "A plan of " + contexts.length + " steps");
      return out.buffer().getLong(0);
    } finally {
      out.release();
      block.release();
    }
  }

  @Override
  public Session newSession() {
    return new NativeSession(this);
  }

  @Override
  public void close() {
    net.close();
  }

  /** The native plan; each open session is a use of it, and it is a use of each of its contexts. */
  private static final class Handle extends Gate {
    final long address;
    private final NativeOperator.ContextHandle[] contexts;

    Handle(long address, NativeOperator.ContextHandle[] contexts) {
      super("plan");
      this.address = address;
      this.contexts = contexts;
    }

    @Override
    void free() {
      OctetNative.octet_plan_destroy(address);
      for (NativeOperator.ContextHandle c : contexts) {
        c.exit();
      }
    }
  }

  private static final class NativeSession implements Session {
    /** Kept reachable: a plan that only its sessions know must not be taken for forgotten. */
    private final NativePlan plan;

    private final PlanLayout layout;
    private final SessionHandle handle;
    private final NativeNet net;

    /** Held during a run. */
    private final Storage[] external;

    private int status;

    NativeSession(NativePlan plan) {
      this.plan = plan;
      layout = plan.layout;
      external = new Storage[layout.externals()];
      plan.handle.enter();
      SessionHandle made = null;
      try {
        made = new SessionHandle(plan.handle, layout);
      } finally {
        if (made == null) {
          plan.handle.exit();
        }
      }
      handle = made;
      net = NativeNet.watch(this, handle);
    }

    @Override
    public void bind(int index, Storage storage, long byteOffset) {
      layout.checkBinding(index, storage, byteOffset);
      handle.enterAlone();
      try {
        handle.io.buffer().putLong(8 * index, storage.address() + byteOffset);
        external[index] = storage;
      } finally {
        handle.exit();
      }
    }

    @Override
    public void run(int threads, int spinMicros) {
      SessionHandle h = handle;
      h.enterAlone();
      try {
        if (h.plan.isClosed()) {
          throw h.plan.closedException();
        }
        layout.acquire(external);
        try {
          // The store into a field keeps this object, and with it the plan, reachable until the
          // call is over.
          status =
              OctetNative.octet_plan_run(
                  h.plan.address, h.arenaAddress, h.ioAddress, threads, spinMicros);
        } finally {
          layout.release(external);
        }
        NativeBackend.check(status, "A run of a plan");
      } finally {
        h.exit();
      }
    }

    @Override
    public void close() {
      net.close();
    }
  }

  /** A session's native memory. */
  private static final class SessionHandle extends Gate {
    final Handle plan;
    private final Storage arena;
    final Storage io;
    final long arenaAddress;
    final long ioAddress;

    SessionHandle(Handle plan, PlanLayout layout) {
      super("session");
      this.plan = plan;
      Storage memory = Storage.allocate(layout.arenaBytes());
      try {
        io = NativeBackend.block(new long[layout.externals()]);
      } catch (RuntimeException e) {
        memory.release();
        throw e;
      }
      arena = memory;
      arenaAddress = arena.address();
      ioAddress = io.address();
    }

    @Override
    void free() {
      io.release();
      arena.release();
      plan.exit();
    }
  }
}
