package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.octet.natives.NativeLibrary;
import org.octet.tensor.ClosedException;
import org.octet.tensor.Storage;

/**
 * Native handles: whoever closes what and when, the worst that happens is a {@link
 * ClosedException}.
 */
class NativeLifetimeTest {
  private static final int THREADS = 8;
  private static final int CHANNELS = 32;

  @BeforeEach
  void needsTheLibrary() {
    assumeTrue(NativeLibrary.isAvailable(), NativeLibrary::unavailabilityCause);
  }

  /** A linear layer 32 -> 32 of ones: every output is the sum of its row. */
  private static Operator linear() {
    float[] ones = new float[CHANNELS * CHANNELS];
    Arrays.fill(ones, 1f);
    Storage w = Buffers.floats(ones);
    Attributes.Builder a =
        Attributes.builder()
            .ints(CHANNELS, CHANNELS, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1)
            .floats(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);
    Operator op = NativeBackend.best().create(Buffers.spec(OpKind.CONV_F32, a, w, null));
    w.release();
    return op;
  }

  private static float[] run(OperatorContext context, int rows) {
    float[] x = new float[rows * CHANNELS];
    Arrays.fill(x, 2f);
    Storage in = Buffers.floats(x);
    Storage out = Storage.allocate(context.outputBytes());
    Storage scratch = Storage.allocate(context.scratchBytes());
    try {
      context.run(new Storage[] {in}, new long[1], out, 0, scratch, 0);
      byte[] y = new byte[(int) out.bytes()];
      out.buffer().duplicate().get(y);
      return Buffers.toFloats(y);
    } finally {
      in.release();
      out.release();
      scratch.release();
    }
  }

  private static void checkRun(OperatorContext context, int rows) {
    float[] y = run(context, rows);
    assertEquals(rows * CHANNELS, y.length);
    for (float v : y) {
      assertEquals(2f * CHANNELS, v);
    }
  }

  private static Plan plan(Operator op, int rows) {
    OperatorContext context = op.shape(rows, 1, 1);
    return NativeBackend.best()
        .plan(List.of(new PlanStep(context, new long[] {-1}, -2, 0)), context.scratchBytes(), 2);
  }

  private interface Body {
    void run(int thread) throws Exception;
  }

  /**
   * Runs {@code body} again and again on 8 threads while {@code closer} runs once; only
   * ClosedException may come out.
   */
  private static void race(Body body, Runnable closer) throws Exception {
    CountDownLatch started = new CountDownLatch(THREADS);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicInteger closed = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int id = t;
      Thread thread =
          new Thread(
              () -> {
                started.countDown();
                try {
                  while (true) {
                    body.run(id);
                  }
                } catch (ClosedException e) {
                  closed.incrementAndGet();
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                }
              });
      threads.add(thread);
      thread.start();
    }
    started.await();
    Thread.sleep(3);
    System.gc();
    closer.run();
    for (Thread thread : threads) {
      thread.join(20_000);
      assertTrue(!thread.isAlive(), "a run does not end after close");
    }
    if (failure.get() != null) {
      throw new AssertionError("a thread failed", failure.get());
    }
    assertEquals(THREADS, closed.get());
  }

  @Test
  void closingAnOperatorRacesItsRuns() throws Exception {
    for (int i = 0; i < 15; i++) {
      Operator op = linear();
      OperatorContext shared = op.shape(5, 1, 1);
      // Half of the threads run many shapes, so that contexts drop out and come again while others
      // run.
      race(
          t -> {
            if (t % 2 == 0) {
              checkRun(shared, 5);
            } else {
              for (int rows = 1; rows < 25; rows++) {
                checkRun(op.shape(rows, 1, 1), rows);
              }
            }
          },
          op::close);
      assertEquals(0, ((NativeOperator) op).openContexts());
    }
  }

  @Test
  void closingAPlanRacesItsSessions() throws Exception {
    for (int i = 0; i < 15; i++) {
      Operator op = linear();
      Plan plan = plan(op, 7);
      op.close(); // the plan keeps what it needs
      float[] x = new float[7 * CHANNELS];
      Arrays.fill(x, 2f);
      Storage in = Buffers.floats(x);
      race(
          t -> {
            Storage out = Storage.allocate(4L * x.length);
            try (Plan.Session session = plan.newSession()) {
              session.bind(0, in, 0);
              session.bind(1, out, 0);
              for (int k = 0; k < 20; k++) {
                session.run(1 + t % 3);
                assertEquals(2f * CHANNELS, out.buffer().getFloat(4 * x.length - 4));
              }
            } finally {
              out.release();
            }
          },
          plan::close);
      in.release();
    }
  }

  @Test
  void closingASessionRacesItsRun() throws Exception {
    Operator op = linear();
    Plan plan = plan(op, 300);
    float[] x = new float[300 * CHANNELS];
    Storage in = Buffers.floats(x);
    Storage out = Storage.allocate(4L * x.length);
    for (int i = 0; i < 30; i++) {
      Plan.Session session = plan.newSession();
      session.bind(0, in, 0);
      session.bind(1, out, 0);
      race(
          t -> {
            try {
              session.run(1);
            } catch (BackendException e) {
              assertTrue(e.getMessage().contains("another thread"), e.getMessage());
            }
          },
          session::close);
    }
    plan.close();
    op.close();
  }

  @Test
  void contextsAreBoundedAndEvictedOnesStillRun() {
    Operator op = linear();
    List<OperatorContext> contexts = new ArrayList<>();
    for (int rows = 1; rows <= 50; rows++) {
      contexts.add(op.shape(rows, 1, 1));
    }
    assertTrue(((NativeOperator) op).openContexts() <= 16);
    for (int pass = 0; pass < 2; pass++) {
      for (int rows = 1; rows <= 50; rows++) {
        checkRun(contexts.get(rows - 1), rows);
      }
    }
    assertTrue(((NativeOperator) op).openContexts() <= 16);
    assertTrue(op.shape(50, 1, 1) == op.shape(50, 1, 1), "a shape in use is not made again");
    op.close();
    op.close();
    assertThrows(ClosedException.class, () -> checkRun(contexts.get(0), 1));
    assertThrows(ClosedException.class, () -> op.shape(1, 1, 1));
  }

  @Test
  void aPlanKeepsItsContexts() {
    Operator op = linear();
    Plan plan = plan(op, 3);
    for (int rows = 4; rows <= 40; rows++) {
      op.shape(rows, 1, 1);
    }
    op.close();
    Storage in = Buffers.floats(new float[3 * CHANNELS]);
    Storage out = Storage.allocate(4 * 3 * CHANNELS);
    try (Plan.Session session = plan.newSession()) {
      session.bind(0, in, 0);
      session.bind(1, out, 0);
      out.buffer().putFloat(0, 99f);
      session.run(1);
      assertEquals(0f, out.buffer().getFloat(0));
    }
    assertEquals(1, ((NativeOperator) op).openContexts());
    plan.close();
    assertEquals(0, ((NativeOperator) op).openContexts());
  }

  @Test
  void theForgottenAreCollected() throws Exception {
    long bytes = Storage.allocatedBytes();
    int before = NativeNet.watched();
    for (int i = 0; i < 100; i++) {
      Operator op = linear();
      plan(op, 2).newSession();
    }
    assertTrue(NativeNet.watched() >= before + 100);
    for (int i = 0; i < 200 && NativeNet.watched() > before; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertTrue(NativeNet.watched() <= before, NativeNet.watched() + " are left of " + before);
    assertTrue(Storage.allocatedBytes() <= bytes + 4096);
  }

  @Test
  void whatIsStillUsedIsNotForgotten() throws Exception {
    OperatorContext context = linear().shape(2, 1, 1);
    Plan.Session session = plan(linear(), 2).newSession();
    Storage in = Buffers.floats(new float[2 * CHANNELS]);
    Storage out = Storage.allocate(4 * 2 * CHANNELS);
    session.bind(0, in, 0);
    session.bind(1, out, 0);
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(20);
      session.run(1);
      checkRun(context, 2);
    }
    session.close();
  }

  @Test
  void aRunOfASessionAllocatesNothing() {
    Operator op = linear();
    Plan plan = plan(op, 4);
    Storage in = Buffers.floats(new float[4 * CHANNELS]);
    Storage out = Storage.allocate(4 * 4 * CHANNELS);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Plan.Session session = plan.newSession()) {
      long fewest = Long.MAX_VALUE;
      for (int round = 0; round < 5; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1000; i++) {
          session.bind(0, in, 0);
          session.bind(1, out, 0);
          session.run(1);
        }
        fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
      }
      // getCurrentThreadAllocatedBytes itself may count a few bytes, never as many as a thousand
      // objects.
      assertTrue(fewest < 1000, fewest + " bytes in 1000 runs");
    }
    plan.close();
    op.close();
  }

  @Test
  void outOfRangeIsRefusedBeforeItCrosses() {
    Operator op = linear();
    OperatorContext c = op.shape(2, 1, 1);
    Storage small = Storage.allocate(c.outputBytes() - 1);
    Storage right = Storage.allocate(c.outputBytes());
    Storage scratch = Storage.allocate(c.scratchBytes() + 64);
    long[] zero = {0};
    assertThrows(
        BackendException.class, () -> c.run(new Storage[] {small}, zero, right, 0, scratch, 0));
    assertThrows(
        BackendException.class, () -> c.run(new Storage[] {right}, zero, small, 0, scratch, 0));
    assertThrows(
        BackendException.class,
        () -> c.run(new Storage[] {right}, new long[] {4}, right, 0, scratch, 0));
    assertThrows(
        BackendException.class,
        () -> c.run(new Storage[] {right}, new long[] {-4}, right, 0, scratch, 0));
    assertThrows(BackendException.class, () -> op.shape(1, 1));
    PlanStep foreign =
        new PlanStep(
            JavaBackend.instance()
                .create(Buffers.spec(OpKind.LUT_Q8, Attributes.builder(), Storage.allocate(256)))
                .shape(1),
            new long[] {-1},
            0,
            0);
    assertThrows(BackendException.class, () -> NativeBackend.best().plan(List.of(foreign), 64, 1));
    op.close();
  }

  @Test
  void concatOfManyInputsRunsEagerly() {
    Attributes.Builder a = Attributes.builder().ints(2, 4).floats(1f).ints(0, 0, 255);
    for (int i = 0; i < 4; i++) {
      a.floats(1f).ints(0, 1);
    }
    byte[] y =
        Buffers.run(
            NativeBackend.best(),
            Buffers.spec(OpKind.CONCAT, a),
            new int[] {1, 1, 1, 1, 1},
            Buffers.floats(1),
            Buffers.floats(2),
            Buffers.floats(3),
            Buffers.floats(4));
    assertArrayEquals(new float[] {1, 2, 3, 4}, Buffers.toFloats(y));
    assertNull(NativeLibrary.unavailabilityCause());
  }
}
