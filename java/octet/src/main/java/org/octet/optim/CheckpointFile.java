package org.octet.optim;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * The frame of a checkpoint file, big-endian: "OCTETCKP", version, length and CRC-32 of the
 * content, the content. Floats are kept as their bits.
 */
final class CheckpointFile {
  private static final byte[] MAGIC = "OCTETCKP".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 2;
  private static final int HEADER = MAGIC.length + 4 + 4 + 8;

  private CheckpointFile() {}

  /** Reads the content. */
  interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  static void write(Path file, byte[] content) {
    CRC32 crc = new CRC32();
    crc.update(content);
    ByteBuffer all = ByteBuffer.allocate(HEADER + content.length);
    all.put(MAGIC).putInt(VERSION).putInt(content.length).putLong(crc.getValue()).put(content);
    ((Buffer) all).flip(); // by the type that old Android declares it in
    Path target = file.toAbsolutePath();
    Path part = null;
    try {
      part = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".part");
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        while (all.hasRemaining()) {
          channel.write(all);
        }
        // Else the name could be on the disk before the content is.
        channel.force(true);
      }
      move(part, target);
    } catch (IOException e) {
      delete(part);
      throw new CheckpointException("Checkpoint " + file + " cannot be written: " + e + ".", e);
    }
  }

  private static void move(Path part, Path target) throws IOException {
    try {
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void delete(Path part) {
    try {
      if (part != null) {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      // What went wrong first is what the caller gets to know.
    }
  }

  static <T> T read(Path file, Reader<T> reader) {
    byte[] all;
    try {
      all = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new CheckpointException("Checkpoint " + file + " does not exist.", e);
    } catch (IOException e) {
      throw new CheckpointException("Checkpoint " + file + " cannot be read: " + e + ".", e);
    }
    int known = Math.min(all.length, MAGIC.length);
    if (!Arrays.equals(Arrays.copyOf(all, known), Arrays.copyOf(MAGIC, known))) {
      throw new CheckpointException(
          "File " + file + " is not a checkpoint: it does not begin with OCTETCKP.");
    }
    if (all.length < HEADER) {
      throw truncated(file, HEADER, all.length);
    }
    ByteBuffer b = ByteBuffer.wrap(all, MAGIC.length, all.length - MAGIC.length);
    int version = b.getInt();
    if (version != VERSION) {
      throw new CheckpointException(
          "Checkpoint "
              + file
              + " has version "
              + version
              + "; this library reads version "
              + VERSION
              + ".");
    }
    long expected = HEADER + (long) b.getInt();
    long sum = b.getLong();
    if (all.length != expected) {
      throw truncated(file, expected, all.length);
    }
    CRC32 crc = new CRC32();
    crc.update(all, HEADER, all.length - HEADER);
    if (crc.getValue() != sum) {
      throw new CheckpointException(
          "Checkpoint " + file + " is damaged: its checksum is wrong. Use an older one.");
    }
    try {
      return reader.read(
          new DataInputStream(new ByteArrayInputStream(all, HEADER, all.length - HEADER)));
    } catch (IOException | RuntimeException e) {
      throw new CheckpointException(
          "Checkpoint " + file + " has a content that this library cannot read: " + e + ".", e);
    }
  }

  private static CheckpointException truncated(Path file, long expected, long found) {
    return new CheckpointException(
        "Checkpoint "
            + file
            + " has "
            + found
            + " bytes, expected "
            + expected
            + (found < expected
                ? ": it is truncated. Use an older one."
                : ": it has something behind its end."));
  }

  static void writeTensors(DataOutputStream out, Map<String, ? extends Tensor> tensors)
      throws IOException {
    out.writeInt(tensors.size());
    for (Map.Entry<String, ? extends Tensor> e : tensors.entrySet()) {
      Tensor t = e.getValue();
      out.writeUTF(e.getKey());
      out.writeUTF(t.dtype().name());
      out.writeInt(t.shape().rank());
      for (int d : t.shape().dims()) {
        out.writeInt(d);
      }
      if (t instanceof FloatTensor f) {
        for (float v : f.toArray()) {
          out.writeInt(Float.floatToRawIntBits(v));
        }
      } else if (t instanceof LongTensor l) {
        for (long v : l.toArray()) {
          out.writeLong(v);
        }
      } else {
        writeQuantized(out, (QuantizedTensor) t);
      }
    }
  }

  private static void writeQuantized(DataOutputStream out, QuantizedTensor t) throws IOException {
    QParams q = t.qparams();
    out.writeInt(q.isPerChannel() ? q.axis() : -1);
    out.writeInt(q.count());
    for (int i = 0; i < q.count(); i++) {
      out.writeDouble(q.exactScale(i));
      out.writeInt(q.zeroPoint(i));
    }
    for (int v : t.intRepr()) {
      out.writeInt(v);
    }
  }

  static Map<String, Tensor> readTensors(DataInputStream in) throws IOException {
    Map<String, Tensor> out = new LinkedHashMap<>();
    int n = in.readInt();
    for (int i = 0; i < n; i++) {
      String name = in.readUTF();
      DType dtype = DType.valueOf(in.readUTF());
      int[] dims = new int[in.readInt()];
      int numel = 1;
      for (int d = 0; d < dims.length; d++) {
        dims[d] = in.readInt();
        numel = Math.multiplyExact(numel, dims[d]);
      }
      out.put(name, readTensor(in, dtype, dims, numel));
    }
    return out;
  }

  private static Tensor readTensor(DataInputStream in, DType dtype, int[] dims, int numel)
      throws IOException {
    if (dtype == DType.FLOAT32) {
      float[] v = new float[numel];
      for (int i = 0; i < numel; i++) {
        v[i] = Float.intBitsToFloat(in.readInt());
      }
      return FloatTensor.of(v, dims);
    }
    if (dtype == DType.INT64) {
      long[] v = new long[numel];
      for (int i = 0; i < numel; i++) {
        v[i] = in.readLong();
      }
      return LongTensor.of(v, dims);
    }
    int axis = in.readInt();
    double[] scales = new double[in.readInt()];
    int[] zeroPoints = new int[scales.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = in.readDouble();
      zeroPoints[i] = in.readInt();
    }
    int[] codes = new int[numel];
    for (int i = 0; i < numel; i++) {
      codes[i] = in.readInt();
    }
    QParams q =
        axis < 0
            ? QParams.perTensor(scales[0], zeroPoints[0], dtype)
            : QParams.perChannel(scales, zeroPoints, axis, dtype);
    return QuantizedTensor.ofCodes(codes, q, dims);
  }
}
