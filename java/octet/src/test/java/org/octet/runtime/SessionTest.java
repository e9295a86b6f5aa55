package org.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.octet.runtime.ProgramTest.bits;
import static org.octet.runtime.ProgramTest.on;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.octet.backend.Backend;
import org.octet.backend.JavaBackend;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.tensor.ClosedException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;

@Timeout(120)
class SessionTest {
  private final Graph graph = Tracer.trace(Nets.quantized(), FloatTensor.zeros(1, 3, 9, 9));
  private final FloatTensor x = Nets.random(1, 1, 3, 9, 9);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Lifetimes do not depend on the instruction set: the twin, and the native library once. */
  static List<Backend> backends() {
    List<Backend> all = TestBackends.all();
    return all.size() == 1 ? all : List.of(all.get(0), all.get(all.size() - 1));
  }

  @AfterEach
  void end() throws InterruptedException {
    threads.shutdownNow();
    assertTrue(threads.awaitTermination(20, TimeUnit.SECONDS));
  }

  private <T> List<Future<T>> start(int n, Callable<T> body) {
    List<Future<T>> f = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      f.add(threads.submit(body));
    }
    return f;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void eightThreadsGiveTheBitsOfOne(Backend b) throws Exception {
    try (Program p = Program.compile(graph, on(b).withSessions(3).withMaxPlans(2))) {
      int[][] want = new int[4][];
      for (int n = 1; n < 4; n++) {
        want[n] = bits(p.run(Nets.random(n, n, 3, 9, 9)));
      }
      List<Future<Void>> all =
          start(
              8,
              () -> {
                for (int i = 0; i < 60; i++) {
                  int n = 1 + i % 3;
                  try (Tensor in = Nets.random(n, n, 3, 9, 9);
                      Tensor y = p.run(in)) {
                    assertArrayEquals(want[n], bits(y));
                  }
                }
                return null;
              });
      for (Future<Void> f : all) {
        f.get();
      }
    }
  }

  @Test
  void manyWhoNeedANewShapeShareOnePlan() throws Exception {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    try (Program p = Program.compile(graph, on(b).withSessions(8))) {
      CountDownLatch go = new CountDownLatch(1);
      List<Future<Tensor>> all =
          start(
              8,
              () -> {
                await(go);
                return p.run(Nets.random(7, 7, 3, 9, 9));
              });
      go.countDown();
      for (Future<Tensor> f : all) {
        assertArrayEquals(bits(all.get(0).get()), bits(f.get()));
      }
      assertEquals(2, b.plans.get());
      assertEquals(2, p.plansBuilt());
    }
  }

  @Test
  void aCallerWaitsForASessionAndCloseWakesIt() throws Exception {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    b.beforeRun =
        () -> {
          inside.countDown();
          await(release);
        };
    Program p = Program.compile(graph, on(b).withSessions(1));
    Future<Tensor> first = threads.submit(() -> p.run(x));
    inside.await();
    Future<Tensor> second = threads.submit(() -> p.run(x));
    Thread.sleep(50);
    assertFalse(second.isDone());
    p.close();
    ExecutionException e = assertThrows(ExecutionException.class, second::get);
    assertSame(ClosedException.class, e.getCause().getClass());
    assertTrue(b.operatorsOpen.get() > 0, "the run that goes on keeps the program's memory");
    release.countDown();
    assertEquals(5, first.get().size(1));
    while (b.operatorsOpen.get() != 0) {
      Thread.onSpinWait();
    }
    assertEquals(0, b.plansOpen.get());
    assertEquals(0, b.arenasOpen.get());
    assertThrows(ClosedException.class, () -> p.run(x));
    assertThrows(ClosedException.class, p::newSession);
    p.close();
  }

  @Test
  void aWaiterThatIsInterruptedGivesUp() throws Exception {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    b.beforeRun =
        () -> {
          inside.countDown();
          await(release);
        };
    try (Program p = Program.compile(graph, on(b).withSessions(1))) {
      Future<Tensor> first = threads.submit(() -> p.run(x));
      inside.await();
      Thread.currentThread().interrupt();
      OctetException e = assertThrows(OctetException.class, () -> p.run(x));
      assertTrue(Thread.interrupted(), "the flag stays set");
      assertTrue(e.getMessage().contains("interrupted"), e.getMessage());
      release.countDown();
      first.get();
      assertEquals(5, p.run(x).size(1));
    }
  }

  @Test
  void aWaiterGetsTheSessionThatComesBack() throws Exception {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    try (Program p = Program.compile(graph, on(b).withSessions(1))) {
      List<Future<Tensor>> all = start(4, () -> p.run(x));
      for (Future<Tensor> f : all) {
        f.get();
      }
      assertEquals(1, b.arenasOpen.get());
    }
  }

  @Test
  void failuresLeaveThePoolIntact() {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    try (Program p = Program.compile(graph, on(b).withSessions(1))) {
      int[] want = bits(p.run(x));
      long before = Storage.allocatedBytes();
      b.beforeRun =
          () -> {
            throw new IllegalStateException("kernel");
          };
      for (int i = 0; i < 3; i++) {
        assertThrows(IllegalStateException.class, () -> p.run(x));
        assertThrows(ShapeException.class, () -> p.run(new Tensor[] {Nets.random(1, 1, 3, 8, 30)}));
      }
      b.beforeRun = () -> {};
      assertEquals(
          before,
          Storage.allocatedBytes() - 3 * (3L * 8 * 30 * 4 + 64),
          "results of failed runs are freed");
      assertArrayEquals(want, bits(p.run(x)));
      FloatTensor out = FloatTensor.zeros(1, 5);
      x.close();
      assertThrows(ClosedException.class, () -> p.run(x, out));
      p.run(Nets.random(1, 1, 3, 9, 9), out);
      assertArrayEquals(want, bits(out));
    }
  }

  @Test
  void aSessionOfTheCallersOwn() {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    Program p = Program.compile(graph, on(b));
    int[] want = bits(p.run(x));
    FloatTensor out = FloatTensor.zeros(1, 5);
    Session s = p.newSession();
    s.threads(2).run(x, out);
    assertArrayEquals(want, bits(out));
    assertArrayEquals(want, bits(s.run(x)));
    s.run(new Tensor[] {x}, new Tensor[] {out});
    assertEquals(2, b.arenasOpen.get());
    assertThrows(OctetException.class, () -> s.threads(0));
    assertThrows(OctetException.class, () -> s.spin(null));
    assertThrows(OctetException.class, () -> s.spin(Duration.ofNanos(-1)));
    assertThrows(OctetException.class, () -> s.spin(Duration.ofNanos(1_000_000_001)));
    s.spin(Duration.ofSeconds(1)).spin(Duration.ofNanos(1)).run(x, out);
    assertArrayEquals(want, bits(out));
    s.close();
    s.close();
    assertEquals(1, b.arenasOpen.get());
    assertThrows(ClosedException.class, () -> s.run(x, out));
    Session left = p.newSession();
    left.run(x, out);
    p.close();
    assertEquals(0, b.arenasOpen.get(), "a program's end is its sessions' end");
    assertEquals(0, b.plansOpen.get());
    assertThrows(ClosedException.class, () -> left.run(x, out));
    left.close();
  }

  @Test
  void aSessionServesOneThreadAtATime() throws Exception {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    b.beforeRun =
        () -> {
          inside.countDown();
          await(release);
        };
    try (Program p = Program.compile(graph, on(b))) {
      Session s = p.newSession();
      Future<Tensor> first = threads.submit(() -> s.run(x));
      inside.await();
      OctetException e = assertThrows(OctetException.class, () -> s.run(x));
      assertTrue(e.getMessage().contains("newSession"), e.getMessage());
      s.close();
      assertEquals(1, b.arenasOpen.get(), "in use");
      release.countDown();
      first.get();
      assertEquals(0, b.arenasOpen.get());
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void closeRacingWithRunsUnderCollectionsEndsInClosedExceptionsOnly(Backend backend)
      throws Exception {
    for (int round = 0; round < 18; round++) {
      TestBackends.Counting b = new TestBackends.Counting(backend);
      Program p = Program.compile(graph, on(b).withSessions(1 + round % 4).withMaxPlans(2));
      int[][] want = new int[4][];
      for (int n = 1; n < 4; n++) {
        want[n] = bits(p.run(Nets.random(n, n, 3, 9, 9)));
      }
      int kind = round % 3;
      List<Future<Integer>> all =
          start(
              8,
              () -> {
                int runs = 0;
                try {
                  Session mine = kind == 0 ? p.newSession() : null;
                  while (true) {
                    int n = 1 + runs % 3;
                    Tensor in = Nets.random(n, n, 3, 9, 9);
                    int[] got = bits(mine != null && runs % 2 == 0 ? mine.run(in) : p.run(in));
                    assertArrayEquals(want[n], got);
                    runs++;
                  }
                } catch (ClosedException e) {
                  return runs;
                }
              });
      Thread.sleep(round % 5 * 4);
      System.gc();
      List<Future<Void>> closers =
          start(
              2,
              () -> {
                p.close();
                return null;
              });
      if (kind == 1) {
        System.gc();
      }
      for (Future<?> f : closers) {
        f.get();
      }
      for (Future<Integer> f : all) {
        try {
          f.get();
        } catch (ExecutionException e) {
          throw new AssertionError("round " + round, e.getCause());
        }
      }
      assertEquals(0, b.operatorsOpen.get());
      assertEquals(0, b.plansOpen.get());
      assertEquals(0, b.arenasOpen.get());
      assertEquals(0, b.runningAtClose.get(), "operators are closed after the last run");
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void tensorsMayBeClosedDuringRuns(Backend b) throws Exception {
    try (Program p = Program.compile(graph, on(b))) {
      int[] want = bits(p.run(x));
      for (int round = 0; round < 30; round++) {
        FloatTensor in = Nets.random(1, 1, 3, 9, 9);
        FloatTensor[] outs = new FloatTensor[4];
        List<Future<Boolean>> all = new ArrayList<>();
        for (int t = 0; t < outs.length; t++) {
          FloatTensor out = outs[t] = FloatTensor.zeros(1, 5);
          // A view keeps the memory for the comparison when the tensor is closed.
          FloatTensor view = out.reshape(1, 5);
          all.add(
              threads.submit(
                  () -> {
                    try {
                      for (int i = 0; i < 200; i++) {
                        p.run(in, out);
                        assertArrayEquals(want, bits(view));
                      }
                      return false;
                    } catch (ClosedException e) {
                      return true;
                    }
                  }));
        }
        Thread.sleep(round % 4);
        in.close();
        for (FloatTensor out : outs) {
          out.close();
        }
        if (round % 8 == 0) {
          System.gc();
        }
        for (Future<Boolean> f : all) {
          f.get();
        }
      }
      assertArrayEquals(want, bits(p.run(x)));
    }
  }

  // ---- allocation
  // ----------------------------------------------------------------------------------------------------

  /** What the program itself does for a run, with kernels that do nothing. */
  @Test
  void aRunAllocatesNothing() {
    TestBackends.Counting b = new TestBackends.Counting(JavaBackend.instance());
    b.runNothing = true;
    checkAllocation(b);
  }

  /**
   * The whole run. The Java twin's kernels allocate; they are for tests and for where no native
   * library is.
   */
  @ParameterizedTest
  @MethodSource("backends")
  void aNativeRunAllocatesNothing(Backend b) {
    if (b != JavaBackend.instance()) {
      checkAllocation(b);
    }
  }

  private void checkAllocation(Backend b) {
    FloatTensor x2 = Nets.random(2, 2, 3, 9, 9);
    FloatTensor out = FloatTensor.zeros(1, 5);
    FloatTensor out2 = FloatTensor.zeros(2, 5);
    Tensor[] in2 = {x2};
    Tensor[] outs2 = {out2};
    try (Program p = Program.compile(graph, on(b));
        Session s = p.newSession()) {
      Runnable body =
          () -> {
            p.run(x, out);
            p.run(in2, outs2);
            s.run(x2, out2);
            s.run(x, out);
          };
      for (int i = 0; i < 2000; i++) {
        body.run();
      }
      com.sun.management.ThreadMXBean bean =
          (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long id = Thread.currentThread().getId();
      long memory = Storage.allocatedBytes();
      long least = Long.MAX_VALUE;
      // The measurement itself and the compiler allocate a little, once; one object in a run would
      // be 16 bytes or more.
      for (int round = 0; round < 3; round++) {
        long before = bean.getThreadAllocatedBytes(id);
        for (int i = 0; i < 1000; i++) {
          body.run();
        }
        least = Math.min(least, bean.getThreadAllocatedBytes(id) - before);
      }
      assertTrue(least < 4000, least + " bytes in 4000 runs");
      assertEquals(memory, Storage.allocatedBytes());
    }
  }
}
