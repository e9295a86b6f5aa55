package org.octet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.octet.tensor.OctetException;

/**
 * IDX files of random and of damaged bytes: read as what they say, or refused with a DataException.
 */
class IdxFilesFuzzTest {
  /** Reads, and uses what was read; true if it was accepted. */
  private static boolean reads(byte[] file) {
    IdxFiles.Array array;
    try {
      array = IdxFiles.read(new ByteArrayInputStream(file), "fuzz");
    } catch (DataException e) {
      return false;
    }
    array.first(2);
    try {
      array.toImages(0.5, 0.5).close();
    } catch (OctetException e) {
      // another number of dimensions, or a shape that tensors do not have
    }
    try {
      array.toLabels().close();
    } catch (OctetException e) {
      // the same
    }
    return true;
  }

  @Property(tries = 500)
  void randomBytes(@ForAll byte[] bytes) {
    reads(bytes);
  }

  @Property(tries = 500)
  void randomBytesAfterAHeader(
      @ForAll @IntRange(max = 255) int rank, @ForAll @Size(max = 64) byte[] bytes) {
    reads(
        ByteBuffer.allocate(4 + bytes.length)
            .put(new byte[] {0, 0, 8, (byte) rank})
            .put(bytes)
            .array());
  }

  @Property(tries = 500)
  void randomBytesThatClaimToBeGzip(@ForAll byte[] bytes) {
    byte[] magic = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0};
    reads(ByteBuffer.allocate(10 + bytes.length).put(magic).put(bytes).array());
  }

  @Property(tries = 500)
  void damagedFiles(@ForAll long seed) throws IOException {
    Random r = new Random(seed);
    int n = r.nextInt(4);
    int h = r.nextInt(5);
    int w = 1 + r.nextInt(5);
    byte[] values = new byte[n * h * w];
    r.nextBytes(values);
    byte[] plain =
        ByteBuffer.allocate(16 + values.length)
            .putInt(0x803)
            .putInt(n)
            .putInt(h)
            .putInt(w)
            .put(values)
            .array();
    byte[] packed = gzip(plain);
    for (byte[] file : new byte[][] {plain, packed}) {
      assertArrayEquals(values, IdxFiles.read(new ByteArrayInputStream(file), "fuzz").values());
      byte[] truncated = Arrays.copyOf(file, r.nextInt(file.length));
      assertThrows(
          DataException.class, () -> IdxFiles.read(new ByteArrayInputStream(truncated), "fuzz"));
      byte[] damaged = file.clone();
      for (int i = 0; i < 1 + r.nextInt(3); i++) {
        damaged[r.nextInt(damaged.length)] ^= (byte) (1 << r.nextInt(8));
      }
      reads(damaged);
      reads(Arrays.copyOf(file, file.length + 1 + r.nextInt(9)));
    }
    byte[] longer = Arrays.copyOf(plain, plain.length + 1);
    assertThrows(
        DataException.class, () -> IdxFiles.read(new ByteArrayInputStream(longer), "fuzz"));
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
