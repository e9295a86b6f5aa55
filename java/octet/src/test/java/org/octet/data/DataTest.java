package org.octet.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.ShapeException;

class DataTest {
  @TempDir Path folder;

  private static byte[] idx(int magic, int[] dims, int... values) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(magic);
    for (int d : dims) {
      out.writeInt(d);
    }
    for (int v : values) {
      out.writeByte(v);
    }
    return bytes.toByteArray();
  }

  private Path file(String name, byte[] content, boolean gzip) throws IOException {
    Path p = folder.resolve(name);
    if (!gzip) {
      return Files.write(p, content);
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(content);
    }
    return Files.write(p, packed.toByteArray());
  }

  @Test
  void readsImagesAndLabels() throws IOException {
    byte[] images = idx(0x803, new int[] {2, 1, 2}, 0, 255, 51, 102);
    for (boolean gzip : new boolean[] {false, true}) {
      IdxFiles.Array a = IdxFiles.read(file("images" + gzip, images, gzip));
      FloatTensor x = a.toImages(0.2, 0.5);
      assertArrayEquals(new int[] {2, 1, 1, 2}, x.shape().dims());
      assertArrayEquals(new float[] {-0.4f, 1.6f, 0f, 0.4f}, x.toArray(), 1e-6f);
      assertArrayEquals(new int[] {1, 1, 2}, a.first(1).dims());
    }
    LongTensor y =
        IdxFiles.read(file("labels", idx(0x801, new int[] {3}, 7, 0, 200), true)).toLabels();
    assertArrayEquals(new long[] {7, 0, 200}, y.toArray());
  }

  @Test
  void unsoundFilesAreNamed() throws IOException {
    byte[] good = idx(0x801, new int[] {4}, 1, 2, 3, 4);
    Path packed = file("packed", good, true);
    byte[] gz = Files.readAllBytes(packed);
    refused(folder.resolve("missing"), "does not exist");
    refused(file("short", Arrays.copyOf(good, 10), false), "truncated");
    refused(file("header", Arrays.copyOf(good, 6), false), "truncated");
    refused(file("empty", new byte[0], false), "truncated");
    refused(file("cut.gz", Arrays.copyOf(gz, gz.length - 9), false), "truncated");
    gz[gz.length - 6] ^= 1;
    refused(file("crc.gz", gz, false), "sound gzip");
    refused(file("long", idx(0x801, new int[] {2}, 1, 2, 3), false), "longer");
    refused(file("text", "hello, world".getBytes(), false), "68656c6c");
    refused(file("floats", idx(0xd01, new int[] {1}, 0, 0, 0, 0), false), "unsigned bytes");
    refused(file("huge", idx(0x803, new int[] {1 << 30, 1 << 30, 1 << 30}), false), "2 GB");
    refused(file("negative", idx(0x801, new int[] {-1}), false), "2 GB");
    assertThrows(DataException.class, () -> IdxFiles.read(packed).toImages(0, 1));
  }

  private static void refused(Path file, String reason) {
    DataException e = assertThrows(DataException.class, () -> IdxFiles.read(file));
    assertTrue(
        e.getMessage().contains(file.toString()) && e.getMessage().contains(reason),
        e.getMessage());
  }

  private static TensorDataset numbers(int n) {
    float[] x = new float[2 * n];
    long[] y = new long[n];
    for (int i = 0; i < n; i++) {
      x[2 * i] = i;
      x[2 * i + 1] = -i;
      y[i] = 10L * i;
    }
    return new TensorDataset(FloatTensor.of(x, n, 2), LongTensor.of(y, n));
  }

  private static List<Long> epoch(DataLoader loader) {
    List<Long> seen = new ArrayList<>();
    for (Batch b : loader) {
      try (b) {
        long[] y = ((LongTensor) b.target()).toArray();
        float[] x = ((FloatTensor) b.input()).toArray();
        assertEquals(b.size(), y.length);
        for (int i = 0; i < y.length; i++) {
          assertEquals(y[i], 10 * (long) x[2 * i]);
          assertEquals(0f - x[2 * i], x[2 * i + 1]);
          seen.add(y[i] / 10);
        }
      }
    }
    return seen;
  }

  @Test
  void batchesCoverTheDataset() {
    List<Long> inOrder = new ArrayList<>();
    for (long i = 0; i < 10; i++) {
      inOrder.add(i);
    }
    assertEquals(inOrder, epoch(new DataLoader(numbers(10), 4)));
    DataLoader shuffled = new DataLoader(numbers(10), 4, 7);
    assertEquals(3, shuffled.size());
    List<Long> first = epoch(shuffled);
    List<Long> second = epoch(shuffled);
    assertNotEquals(first, second);
    assertNotEquals(inOrder, first);
    assertEquals(inOrder, first.stream().sorted().toList());
    assertEquals(inOrder, second.stream().sorted().toList());
    assertEquals(first, epoch(new DataLoader(numbers(10), 4, 7)));
    assertEquals(8, epoch(new DataLoader(numbers(10), 4, 7, true)).size());
  }

  @Test
  void datasetsAreChecked() {
    assertThrows(
        ShapeException.class,
        () -> new TensorDataset(FloatTensor.zeros(3, 2), LongTensor.of(new long[2], 2)));
    assertThrows(IndexOutOfBoundsException.class, () -> numbers(3).batch(3));
  }
}
