package org.octet.backend;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.octet.natives.OctetNative;
import org.octet.tensor.Storage;

/**
 * A native operator. Three layers of lifetime: this object is what callers hold; its {@link Handle}
 * and the {@link ContextHandle}s are what native memory hangs on, each freed once, when closed and
 * out of use.
 */
final class NativeOperator implements Operator {
  /** Contexts whose native side is kept; one that drops out is made anew if it runs again. */
  private static final int MAX_CONTEXTS = 16;

  private final OpKind kind;
  private final Attributes attributes;
  private final Handle handle;
  private final NativeNet net;

  /** Most recently made or shaped first; guarded by {@code this}. */
  private final NativeContext[] recent = new NativeContext[MAX_CONTEXTS];

  NativeOperator(Isa isa, OperatorSpec spec) {
    kind = spec.kind();
    attributes = spec.attributes();
    handle = new Handle(kind, create(isa, spec));
    net = NativeNet.watch(this, handle);
  }

  private static long create(Isa isa, OperatorSpec spec) {
    Attributes a = spec.attributes();
    long[] slots = new long[a.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = a.get(i);
    }
    // Absent trailing constants count as absent, whatever number the caller gave.
    long[] constants = new long[Math.max(4, spec.constants().size())];
    Storage attributeBlock = NativeBackend.block(slots);
    Storage constantBlock = NativeBackend.block(constants);
    Storage out = NativeBackend.block(0);
    int held = 0;
    try {
      for (; held < spec.constants().size(); held++) {
        Storage s = spec.constants().get(held);
        if (s != null) {
          s.acquire();
          constantBlock.buffer().putLong(8 * held, s.address());
        }
      }
      NativeBackend.check(
          OctetNative.octet_op_create(
              spec.kind().number(),
              isa.number(),
              attributeBlock.address(),
              slots.length,
              constantBlock.address(),
              constants.length,
              out.address()),
          "Operator " + spec.kind());
      return out.buffer().getLong(0);
    } finally {
      for (int i = 0; i < held; i++) {
        if (spec.constants().get(i) != null) {
          spec.constants().get(i).release();
        }
      }
      out.release();
      constantBlock.release();
      attributeBlock.release();
    }
  }

  @Override
  public OpKind kind() {
    return kind;
  }

  @Override
  public synchronized OperatorContext shape(int... dims) {
    if (handle.isClosed()) {
      throw handle.closedException();
    }
    for (int i = 0; i < recent.length && recent[i] != null; i++) {
      if (Arrays.equals(recent[i].dims, dims)) {
        NativeContext found = recent[i];
        System.arraycopy(recent, 0, recent, 1, i);
        recent[0] = found;
        return found;
      }
    }
    Footprint footprint = Footprint.of(kind, attributes, dims);
    NativeContext made =
        new NativeContext(this, dims.clone(), footprint, handle.open(dims, footprint));
    keep(made);
    return made;
  }

  /**
   * The open native side of a context, made anew if it had dropped out; guards against the same
   * from another thread.
   */
  synchronized ContextHandle reopen(NativeContext context) {
    if (context.handle.isClosed()) {
      context.handle = handle.open(context.dims, context.footprint());
      keep(context);
    }
    return context.handle;
  }

  private void keep(NativeContext context) {
    NativeContext oldest = recent[MAX_CONTEXTS - 1];
    if (oldest != null) {
      oldest.handle.close();
    }
    System.arraycopy(recent, 0, recent, 1, MAX_CONTEXTS - 1);
    recent[0] = context;
  }

  @Override
  public void close() {
    net.close();
  }

  /** Open native contexts. */
  int openContexts() {
    return handle.openContexts();
  }

  /** The native operator; each open context is a use of it. */
  private static final class Handle extends Gate {
    private final OpKind kind;
    private final long address;

    /** Guarded by itself. */
    private final Set<ContextHandle> contexts = new HashSet<>();

    Handle(OpKind kind, long address) {
      super("operator " + kind);
      this.kind = kind;
      this.address = address;
    }

    ContextHandle open(int[] dims, Footprint footprint) {
      enter();
      ContextHandle context = null;
      try {
        context = shape(dims, footprint);
      } finally {
        if (context == null) {
          exit();
        }
      }
      boolean late;
      synchronized (contexts) {
        late = isClosed();
        if (!late) {
          contexts.add(context);
        }
      }
      if (late) {
        context.close();
        throw closedException();
      }
      return context;
    }

    private ContextHandle shape(int[] dims, Footprint footprint) {
      long[] slots = new long[dims.length];
      for (int i = 0; i < slots.length; i++) {
        slots[i] = dims[i];
      }
      Storage dimBlock = NativeBackend.block(slots);
      Storage info = NativeBackend.block(0, 0, 0);
      try {
        NativeBackend.check(
            OctetNative.octet_op_shape(address, dimBlock.address(), slots.length, info.address()),
            "Operator " + kind + " for dims " + Arrays.toString(dims));
        long output = info.buffer().getLong(16);
        ContextHandle context =
            new ContextHandle(this, info.buffer().getLong(0), info.buffer().getLong(8));
        if (output != footprint.output()) {
          OctetNative.octet_context_destroy(context.address);
          throw new BackendException(
              "Operator "
                  + kind
                  + " for dims "
                  + Arrays.toString(dims)
                  + " writes "
                  + output
                  + " bytes in the native"
                  + " library and "
                  + footprint.output()
                  + " in Java; use jars of one Octet version.");
        }
        return context;
      } finally {
        info.release();
        dimBlock.release();
      }
    }

    @Override
    void close() {
      super.close();
      ContextHandle[] open;
      synchronized (contexts) {
        open = contexts.toArray(new ContextHandle[0]);
      }
      for (ContextHandle c : open) {
        c.close();
      }
    }

    int openContexts() {
      synchronized (contexts) {
        return contexts.size();
      }
    }

    void remove(ContextHandle context) {
      synchronized (contexts) {
        contexts.remove(context);
      }
    }

    @Override
    void free() {
      OctetNative.octet_op_destroy(address);
    }
  }

  /** A native context; runs and plans are its uses. */
  static final class ContextHandle extends Gate {
    private final Handle operator;
    final long address;
    final long scratchBytes;

    ContextHandle(Handle operator, long address, long scratchBytes) {
      super("operator " + operator.kind);
      this.operator = operator;
      this.address = address;
      this.scratchBytes = scratchBytes;
    }

    @Override
    void free() {
      operator.remove(this);
      OctetNative.octet_context_destroy(address);
      operator.exit();
    }
  }
}
