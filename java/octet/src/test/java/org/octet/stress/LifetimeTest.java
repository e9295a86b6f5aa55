package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.octet.tensor.ClosedException;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Storage;
import org.octet.tensor.TensorScope;

/** Who keeps memory alive, and who ends it. */
class LifetimeTest {
  private static final int FLOATS = 1 << 20;
  private static final long BYTES = 4L * FLOATS;

  /** Large tensors, so that what other tests leave to the collector does not blur the count. */
  private static void assertHolds(long before, long expected) {
    long now = Storage.allocatedBytes() - before;
    assertTrue(
        Math.abs(now - expected) < BYTES / 2,
        "holds " + now + " bytes, expected about " + expected);
  }

  @Test
  void lastViewFreesTheMemory() {
    long before = Storage.allocatedBytes();
    FloatTensor base = FloatTensor.zeros(2, FLOATS / 2);
    base.set(7f, 1, 2);
    FloatTensor row = base.slice(0, 1, 2);
    FloatTensor turned = row.transpose(0, 1);
    FloatTensor flat = row.reshape(FLOATS / 2);
    assertHolds(before, BYTES);
    base.close();
    row.close();
    assertHolds(before, BYTES);
    assertEquals(7f, turned.get(2, 0));
    assertEquals(7f, flat.get(2));
    assertThrows(ClosedException.class, () -> base.slice(0, 0, 1));
    assertThrows(ClosedException.class, row::toArray);
    turned.close();
    assertHolds(before, BYTES);
    flat.close();
    assertHolds(before, 0);
  }

  @Test
  void viewsWriteThrough() {
    FloatTensor base = FloatTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    FloatTensor column = base.slice(1, 1, 2);
    column.fill(9f);
    assertArrayEquals(new float[] {1, 9, 3, 4, 9, 6}, base.toArray());
    assertArrayEquals(new float[] {1, 4, 9, 9, 3, 6}, base.transpose(0, 1).toArray());
  }

  @Test
  void closingTwiceReleasesOnce() {
    long before = Storage.allocatedBytes();
    FloatTensor base = FloatTensor.zeros(FLOATS);
    FloatTensor view = base.reshape(2, -1);
    base.close();
    base.close();
    base.close();
    assertHolds(before, BYTES);
    assertEquals(0f, view.get(1, 1));
    view.close();
    assertHolds(before, 0);
  }

  @Test
  void requantizedViewSharesCodes() {
    QuantizedTensor q =
        QuantizedTensor.ofCodes(new int[] {1, 2, 3}, QParams.perTensor(1, 0, DType.QINT8), 3);
    QuantizedTensor other = q.withQParams(QParams.perTensor(2, 1, DType.QINT8));
    q.close();
    assertArrayEquals(new float[] {0, 2, 4}, other.dequantize().toArray());
  }

  @Test
  void scopeClosesWhatItsThreadMade() {
    long before = Storage.allocatedBytes();
    FloatTensor outside = FloatTensor.scalar(1f);
    FloatTensor inside;
    FloatTensor view;
    FloatTensor kept;
    try (TensorScope scope = TensorScope.open()) {
      inside = FloatTensor.zeros(FLOATS);
      view = inside.reshape(2, -1);
      kept = scope.keep(FloatTensor.zeros(FLOATS));
      assertHolds(before, 2 * BYTES);
      scope.keep(outside);
    }
    assertHolds(before, BYTES);
    assertTrue(inside.isClosed() && view.isClosed());
    assertFalse(kept.isClosed() || outside.isClosed());
    kept.close();
    assertHolds(before, 0);
  }

  @Test
  void keptViewOutlivesItsScopesBase() {
    FloatTensor view;
    try (TensorScope scope = TensorScope.open()) {
      FloatTensor base = FloatTensor.full(3f, 4, 4);
      view = scope.keep(base.slice(0, 2, 3));
    }
    assertArrayEquals(new float[] {3, 3, 3, 3}, view.toArray());
    view.close();
  }

  @Test
  void keptTensorGoesToTheEnclosingScope() {
    FloatTensor once;
    FloatTensor twice;
    try (TensorScope outer = TensorScope.open()) {
      try (TensorScope inner = TensorScope.open()) {
        once = inner.keep(FloatTensor.scalar(1f));
        twice = outer.keep(inner.keep(FloatTensor.scalar(2f)));
      }
      assertEquals(1f, once.item());
    }
    assertThrows(ClosedException.class, once::item);
    assertEquals(2f, twice.item());
  }

  @Test
  void scopeOfAnotherThreadIsRefused() {
    try (TensorScope scope = TensorScope.open()) {
      FloatTensor t = FloatTensor.scalar(1f);
      CompletionException e =
          assertThrows(
              CompletionException.class, () -> CompletableFuture.runAsync(scope::close).join());
      assertInstanceOf(ClosedException.class, e.getCause());
      FloatTensor elsewhere = CompletableFuture.supplyAsync(() -> FloatTensor.scalar(5f)).join();
      assertEquals(1f, t.item());
      scope.close();
      assertTrue(t.isClosed());
      assertEquals(5f, elsewhere.item());
      assertThrows(ClosedException.class, () -> scope.keep(elsewhere));
    }
  }

  @Test
  void scopeEndsWhenItsBodyThrows() {
    FloatTensor[] made = new FloatTensor[1];
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (TensorScope scope = TensorScope.open()) {
            made[0] = FloatTensor.scalar(1f);
            throw new IllegalStateException("body");
          }
        });
    assertTrue(made[0].isClosed());
    assertFalse(FloatTensor.scalar(1f).isClosed());
  }

  @Test
  void storageCountsItsUsers() {
    Storage s = Storage.allocate(100);
    s.acquire();
    s.release();
    assertEquals(100, s.bytes());
    assertTrue(s.buffer().capacity() >= 100);
    s.release();
    assertThrows(ClosedException.class, s::buffer);
    assertThrows(ClosedException.class, s::address);
    assertThrows(ClosedException.class, s::acquire);
    assertThrows(IllegalStateException.class, s::release);
  }

  @Test
  void aViewThatWasHandedOutOutlivesTheClose() {
    FloatTensor t = FloatTensor.full(3f, 100_000);
    FloatBuffer view = t.data();
    t.close();
    for (int i = 0; i < 50; i++) {
      FloatTensor.full(7f, 100_000).close();
    }
    System.gc();
    FloatTensor.full(9f, 100_000).close();
    for (int i = 0; i < view.capacity(); i++) {
      assertEquals(3f, view.get(i));
    }
  }
}
