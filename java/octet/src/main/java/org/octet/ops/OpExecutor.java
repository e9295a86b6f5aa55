package org.octet.ops;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.octet.backend.Attributes;
import org.octet.backend.Backend;
import org.octet.backend.OpKind;
import org.octet.backend.Operator;
import org.octet.backend.OperatorContext;
import org.octet.backend.OperatorSpec;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorSpec;

/**
 * Eager execution of an op through its lowering: brings inputs into order, makes or finds the
 * operator, runs it.
 */
final class OpExecutor {
  private static final int MAX_CACHED = 256;
  private static final ThreadLocal<Storage> SCRATCH = new ThreadLocal<>();

  /**
   * Operators without constants, by what they were made of; the others also by their op and their
   * weights' identity.
   */
  private static final Map<Key, Operator> OPERATORS =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Operator> eldest) {
          return size() > MAX_CACHED;
        }
      };

  private OpExecutor() {}

  static Tensor run(Op op, Backend backend, Tensor... inputs) {
    Tensor result = op.infer(inputs)[0];
    int activations = inputs.length - op.constantInputs();
    Tensor[] ordered = inputs.clone();
    for (int i = 0; i < activations; i++) {
      MemoryFormat format = op.inputFormat(i);
      ordered[i] = toFormat(backend, inputs[i], format != null ? format : ordered[0].format());
    }
    Lowering lowering = op.lower(ordered);
    Operator operator = null;
    Tensor out = allocate(result.spec());
    boolean cached = cacheable(ordered, activations);
    try {
      operator =
          cached ? find(op, backend, lowering, ordered, activations) : create(backend, lowering);
      OperatorContext context = operator.shape(lowering.dims());
      runOn(context, ordered, activations, out);
      return out;
    } catch (RuntimeException | Error e) {
      out.close();
      throw e;
    } finally {
      if (!cached && operator != null) {
        operator.close();
      }
      for (int i = 0; i < activations; i++) {
        if (ordered[i] != inputs[i]) {
          ordered[i].close();
        }
      }
    }
  }

  /**
   * Float weights may be trained in place, so an operator packed from them is made anew each time.
   */
  private static boolean cacheable(Tensor[] inputs, int activations) {
    for (int i = activations; i < inputs.length; i++) {
      if (inputs[i] instanceof FloatTensor t && t.requiresGrad()) {
        return false;
      }
    }
    return activations == inputs.length || inputs[activations] instanceof QuantizedTensor;
  }

  static Operator create(Backend backend, Lowering lowering) {
    List<Storage> constants = lowering.constants().make();
    try {
      return backend.create(new OperatorSpec(lowering.kind(), lowering.attributes(), constants));
    } finally {
      for (Storage s : constants) {
        if (s != null) {
          s.release();
        }
      }
    }
  }

  static Operator find(
      Op op, Backend backend, Lowering lowering, Tensor[] inputs, int activations) {
    QParams[] q = new QParams[activations];
    for (int i = 0; i < activations; i++) {
      q[i] = inputs[i].qparams();
    }
    Object[] weights = Arrays.copyOfRange(inputs, activations, inputs.length, Object[].class);
    // Constants that are not inputs, such as a table, come from the op itself.
    Op source = lowering.constants() == Lowering.NONE ? null : op;
    Key key = new Key(backend, source, lowering.kind(), lowering.attributes(), q, weights);
    synchronized (OPERATORS) {
      Operator found = OPERATORS.get(key);
      if (found != null) {
        return found;
      }
    }
    Operator made = create(backend, lowering);
    synchronized (OPERATORS) {
      // An operator that drops out of the cache is not closed: a run may be using it, the collector
      // ends it.
      Operator other = OPERATORS.putIfAbsent(key, made);
      return other != null ? other : made;
    }
  }

  static void runOn(OperatorContext context, Tensor[] inputs, int n, Tensor out) {
    Storage[] in = new Storage[n];
    long[] offsets = new long[n];
    int held = 0;
    try {
      for (; held < n; held++) {
        in[held] = inputs[held].storage();
        in[held].acquire();
        offsets[held] = inputs[held].byteOffset();
      }
      context.run(in, offsets, out.storage(), out.byteOffset(), scratch(context.scratchBytes()), 0);
    } finally {
      for (int i = 0; i < held; i++) {
        in[i].release();
      }
    }
  }

  private static Storage scratch(long bytes) {
    if (bytes == 0) {
      return null;
    }
    Storage s = SCRATCH.get();
    if (s == null || s.bytes() < bytes) {
      Storage larger = Storage.allocate(bytes + bytes / 4);
      if (s != null) {
        s.release();
      }
      SCRATCH.set(larger);
      s = larger;
    }
    return s;
  }

  static Tensor allocate(TensorSpec spec) {
    return spec.dtype().isQuantized()
        ? QuantizedTensor.empty(spec.shape(), spec.format(), spec.qparams())
        : FloatTensor.empty(spec.shape(), spec.format());
  }

  /**
   * {@code t} dense in {@code format}: itself, or a copy made by the backend's transpose where that
   * fits.
   */
  static Tensor toFormat(Backend backend, Tensor t, MemoryFormat format) {
    if (t.isDense(format)) {
      return t;
    }
    int bytes = t.dtype().bytes();
    if (!t.isDense() || (bytes != 1 && bytes != 4)) {
      return t.contiguous(format);
    }
    int n = t.size(0);
    int c = t.size(1);
    int s = 1;
    for (int i = 2; i < t.shape().rank(); i++) {
      s *= t.size(i);
    }
    boolean toLast = format == MemoryFormat.CHANNELS_LAST;
    TensorSpec spec = new TensorSpec(t.dtype(), t.shape(), format, t.qparams());
    Tensor out = allocate(spec);
    Attributes attributes = Attributes.builder().ints(bytes).build();
    Lowering lowering =
        Lowering.of(OpKind.TRANSPOSE, attributes, n, toLast ? c : s, toLast ? s : c);
    Operator operator = find(null, backend, lowering, new Tensor[] {t}, 1);
    runOn(operator.shape(lowering.dims()), new Tensor[] {t}, 1, out);
    return out;
  }

  /** Weights count by identity: quantized tensors are never changed after convert. */
  private record Key(
      Backend backend, Op op, OpKind kind, Attributes attributes, QParams[] q, Object[] weights) {
    @Override
    public boolean equals(Object o) {
      if (!(o instanceof Key k)
          || backend != k.backend
          || kind != k.kind
          || !attributes.equals(k.attributes)
          || weights.length != k.weights.length
          || !Arrays.equals(q, k.q)
          || !Objects.equals(op, k.op)) {
        return false;
      }
      for (int i = 0; i < weights.length; i++) {
        if (weights[i] != k.weights[i]) {
          return false;
        }
      }
      return true;
    }

    @Override
    public int hashCode() {
      int h = System.identityHashCode(backend) * 31 + attributes.hashCode() + kind.ordinal();
      for (Object w : weights) {
        h = h * 31 + System.identityHashCode(w);
      }
      return h * 31 + Arrays.hashCode(q);
    }
  }
}
