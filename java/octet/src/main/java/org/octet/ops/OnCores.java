package org.octet.ops;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.octet.backend.Backend;
import org.octet.backend.NativeBackend;
import org.octet.backend.Operator;
import org.octet.backend.OperatorContext;
import org.octet.backend.Plan;
import org.octet.backend.PlanStep;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;

/**
 * Runs one operator without constants on all cores, as training does: a plan of one step, kept for
 * the next time. Results do not depend on the number of threads.
 */
final class OnCores {
  private static final int THREADS = Runtime.getRuntime().availableProcessors();
  private static final int MAX_KEPT = 128;

  /** Elements that are worth a second thread. */
  private static final int GRAIN = 1 << 14;

  /** Parts of a sum over images: fixed, so that results do not depend on the number of threads. */
  private static final int PARTS = 8;

  private static final ThreadLocal<Map<Key, Step>> STEPS = ThreadLocal.withInitial(Kept::new);

  private OnCores() {}

  /** Runs the operator of {@code lowering}; all tensors are dense, the inputs concrete. */
  static void run(Backend backend, Lowering lowering, FloatTensor out, Tensor... in) {
    Operator operator = OpExecutor.find(null, backend, lowering, in, in.length);
    if (THREADS == 1 || out.numel() < GRAIN) {
      OpExecutor.runOn(operator.shape(lowering.dims()), in, in.length, out);
      return;
    }
    STEPS
        .get()
        .computeIfAbsent(new Key(operator, lowering.dims()), k -> new Step(backend, k, in.length))
        .run(in, out);
  }

  /** Whether a backend's kernels are faster than unfolding and a matrix product. */
  static boolean isFast(Backend backend) {
    return backend instanceof NativeBackend;
  }

  /**
   * Runs an operator whose weights are new in every step, images side by side on the cores.
   *
   * @param lowering the number of images comes first in its dims
   */
  static void runByImage(Backend backend, Lowering lowering, FloatTensor x, FloatTensor y) {
    int images = lowering.dims()[0];
    if (images == 0) {
      return;
    }
    long in = 4 * x.numel() / images;
    long out = 4 * y.numel() / images;
    try (Operator operator = OpExecutor.create(backend, lowering)) {
      Parallel.forRange(
          images,
          (int) Math.max(1, 4L * GRAIN / Math.max(1, Math.max(in, out))),
          (a, b) -> {
            int[] dims = lowering.dims().clone();
            dims[0] = b - a;
            OperatorContext context = operator.shape(dims);
            long bytes = context.scratchBytes();
            Storage scratch = bytes == 0 ? null : Storage.allocate(bytes);
            try {
              context.run(
                  new Storage[] {x.storage()},
                  new long[] {x.byteOffset() + a * in},
                  y.storage(),
                  y.byteOffset() + a * out,
                  scratch,
                  0);
            } finally {
              if (scratch != null) {
                scratch.release();
              }
            }
          });
    }
  }

  /** The sum of an operator's results for parts of the images, side by side on the cores. */
  static float[] sumByImage(Backend backend, Lowering lowering, int size, FloatTensor... in) {
    int images = lowering.dims()[0];
    int parts = Math.min(PARTS, images);
    float[][] sums = new float[Math.max(1, parts)][];
    sums[0] = new float[size];
    Operator operator = OpExecutor.find(null, backend, lowering, in, in.length);
    Parallel.forRange(
        parts,
        1,
        (a, b) -> {
          for (int p = a; p < b; p++) {
            int first = (int) ((long) images * p / parts);
            int end = (int) ((long) images * (p + 1) / parts);
            sums[p] = part(operator, lowering, first, end, size, in);
          }
        });
    for (int p = 1; p < parts; p++) {
      for (int i = 0; i < size; i++) {
        sums[0][i] += sums[p][i];
      }
    }
    return sums[0];
  }

  private static float[] part(
      Operator operator, Lowering lowering, int first, int end, int size, FloatTensor[] in) {
    int[] dims = lowering.dims().clone();
    int images = dims[0];
    dims[0] = end - first;
    OperatorContext context = operator.shape(dims);
    Storage[] from = new Storage[in.length];
    long[] offsets = new long[in.length];
    for (int i = 0; i < in.length; i++) {
      from[i] = in[i].storage();
      offsets[i] = in[i].byteOffset() + first * (4 * in[i].numel() / images);
    }
    long result = 4L * size + 63 & -64;
    Storage out = Storage.allocate(result + context.scratchBytes());
    try {
      context.run(from, offsets, out, 0, out, result);
      float[] sum = new float[size];
      out.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(sum);
      return sum;
    } finally {
      out.release();
    }
  }

  /** Identity of the operator, and the shape. */
  private record Key(Operator operator, int[] dims) {
    @Override
    public boolean equals(Object o) {
      return o instanceof Key k && operator == k.operator && Arrays.equals(dims, k.dims);
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(operator) * 31 + Arrays.hashCode(dims);
    }
  }

  private static final class Kept extends LinkedHashMap<Key, Step> {
    private static final long serialVersionUID = 1L;

    Kept() {
      super(64, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Key, Step> eldest) {
      if (size() <= MAX_KEPT) {
        return false;
      }
      eldest.getValue().close();
      return true;
    }
  }

  private static final class Step {
    private final Plan plan;
    private final Plan.Session session;

    Step(Backend backend, Key key, int inputs) {
      OperatorContext context = key.operator.shape(key.dims);
      long[] in = new long[inputs];
      for (int i = 0; i < inputs; i++) {
        in[i] = -1 - i;
      }
      plan =
          backend.plan(
              List.of(new PlanStep(context, in, -1 - inputs, 0)),
              context.scratchBytes(),
              inputs + 1);
      session = plan.newSession();
    }

    void run(Tensor[] in, FloatTensor out) {
      for (int i = 0; i < in.length; i++) {
        session.bind(i, in[i].storage(), in[i].byteOffset());
      }
      session.bind(in.length, out.storage(), out.byteOffset());
      session.run(THREADS);
    }

    void close() {
      session.close();
      plan.close();
    }
  }
}
