package org.octet.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.octet.ops.QuantizeOp;
import org.octet.ops.UnaryOp;
import org.octet.tensor.ClosedException;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

/**
 * Threads share tensors: they make, read, view, copy, compute with and close them in random order.
 * Every tensor is filled with one value when it is made, so whoever reads two values saw memory
 * that was freed and given to another.
 */
final class RaceMain {
  private static final int SLOTS = 24;
  private static final AtomicReferenceArray<Tensor> TENSORS = new AtomicReferenceArray<>(SLOTS);
  private static final AtomicInteger CLOSED = new AtomicInteger();
  private static final AtomicInteger WRONG = new AtomicInteger();
  private static final AtomicLong READS = new AtomicLong();

  private RaceMain() {}

  public static void main(String[] args) throws InterruptedException {
    int threads = Integer.parseInt(args[0]);
    int steps = Integer.parseInt(args[1]);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> all = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int seed = t;
      Thread thread = new Thread(() -> work(seed, steps, failure));
      thread.start();
      all.add(thread);
    }
    for (Thread thread : all) {
      thread.join();
    }
    if (failure.get() != null) {
      failure.get().printStackTrace();
      System.exit(1);
    }
    for (int i = 0; i < SLOTS; i++) {
      TENSORS.set(i, null);
    }
    System.out.println(
        "reads "
            + READS
            + ", closed "
            + CLOSED
            + ", wrong "
            + WRONG
            + ", bytes at the end "
            + Storage.allocatedBytes());
    System.exit(WRONG.get() == 0 ? 0 : 1);
  }

  private static void work(int seed, int steps, AtomicReference<Throwable> failure) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int step = 0; step < steps && failure.get() == null; step++) {
      if (step % 1000 == 500 + 50 * seed) {
        System.gc();
      }
      int slot = random.nextInt(SLOTS);
      Tensor t = TENSORS.get(slot);
      try {
        if (t == null || random.nextInt(5) == 0) {
          Tensor old = TENSORS.getAndSet(slot, make(random));
          // Half are closed, half forgotten.
          if (old != null && random.nextBoolean()) {
            old.close();
          }
        } else if (random.nextInt(6) == 0) {
          t.close();
        } else if (random.nextBoolean()) {
          use(t, random);
        } else {
          try (TensorScope scope = TensorScope.open()) {
            use(t, random);
          }
        }
      } catch (ClosedException e) {
        CLOSED.incrementAndGet();
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
      }
    }
  }

  /**
   * Small ones come from the allocator's lists; large ones are mapped and unmapped, where a late
   * read would fault.
   */
  private static Tensor make(SplittableRandom random) {
    int n = 8 << random.nextInt(15);
    int value = random.nextInt(200);
    switch (random.nextInt(3)) {
      case 0:
        return FloatTensor.full(value, 1, 8, n / 8, 1);
      case 1:
        QuantizedTensor q =
            QuantizedTensor.quantizePerTensor(
                FloatTensor.full(value, 1, 8, n / 8, 1), 1, 3, DType.QUINT8);
        return q;
      default:
        long[] values = new long[n];
        java.util.Arrays.fill(values, value);
        return LongTensor.of(values, 1, 8, n / 8, 1);
    }
  }

  private static void use(Tensor t, SplittableRandom random) {
    switch (random.nextInt(5)) {
      case 0 -> check(t);
      case 1 -> {
        try (Tensor view = t.slice(1, 2, 5).transpose(1, 2)) {
          check(view);
        }
      }
      case 2 -> check(t.contiguous(MemoryFormat.CHANNELS_LAST));
      case 3 -> check(t.reshape(-1));
      default -> {
        if (t instanceof FloatTensor f) {
          check(UnaryOp.RELU.apply(f));
          check(new QuantizeOp(QParams.perTensor(1, 0, DType.QUINT8)).apply(f));
          check(f.copy());
        } else if (t instanceof QuantizedTensor q) {
          check(UnaryOp.RELU6.apply(q));
          check(q.copy());
          check(q.withQParams(QParams.perTensor(2, 1, DType.QUINT8)));
        }
      }
    }
  }

  private static void check(Tensor t) {
    READS.incrementAndGet();
    if (t instanceof FloatTensor f) {
      float[] v = f.toArray();
      for (float x : v) {
        WRONG.addAndGet(x == v[0] && x >= 0 && x < 200 ? 0 : 1);
      }
    } else if (t instanceof QuantizedTensor q) {
      int[] v = q.intRepr();
      float[] real = q.dequantize().toArray();
      for (int i = 0; i < v.length; i++) {
        WRONG.addAndGet(v[i] == v[0] && real[i] == real[0] ? 0 : 1);
      }
    } else if (t instanceof LongTensor l) {
      long[] v = l.toArray();
      for (long x : v) {
        WRONG.addAndGet(x == v[0] && x >= 0 && x < 200 ? 0 : 1);
      }
    }
  }
}
