package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Both implementations against the definition, with offsets and rows longer than needed. */
class BlasTest {
  private static FloatBuffer random(Random r, int n) {
    FloatBuffer b = ByteBuffer.allocateDirect(4 * n).order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (int i = 0; i < n; i++) {
      b.put(i, r.nextFloat() - 0.5f);
    }
    return b;
  }

  @Property(tries = 100)
  void products(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 20) int m,
      @ForAll @IntRange(min = 1, max = 20) int n,
      @ForAll @IntRange(min = 1, max = 20) int k,
      @ForAll boolean transA,
      @ForAll boolean transB,
      @ForAll boolean add) {
    Random r = new Random(seed);
    int lda = (transA ? m : k) + r.nextInt(3);
    int ldb = (transB ? k : n) + r.nextInt(3);
    int ldc = n + r.nextInt(3);
    int o = r.nextInt(5);
    FloatBuffer a = random(r, o + lda * (transA ? k : m));
    FloatBuffer b = random(r, o + ldb * (transB ? n : k));
    for (Blas blas : new Blas[] {Blases.java(), Blases.current()}) {
      FloatBuffer c = random(new Random(seed), o + ldc * m);
      FloatBuffer before = random(new Random(seed), o + ldc * m);
      blas.sgemm(transA, transB, m, n, k, a, o, lda, b, o, ldb, add ? 1f : 0f, c, o, ldc);
      for (int i = 0; i < c.capacity(); i++) {
        int row = i < o ? -1 : (i - o) / ldc;
        int column = (i - o) % ldc;
        double expected = before.get(i);
        if (row >= 0 && column < n) {
          expected = add ? expected : 0;
          for (int p = 0; p < k; p++) {
            expected +=
                (double) a.get(o + (transA ? p * lda + row : row * lda + p))
                    * b.get(o + (transB ? column * ldb + p : p * ldb + column));
          }
        }
        assertEquals(expected, c.get(i), 1e-5, blas.name() + " element " + i);
      }
    }
  }
}
