package org.octet.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;

/** Reads IDX files of bytes (the format of MNIST and its kin), plain or gzip'ed. */
public final class IdxFiles {
  private static final long MAX_BYTES = Integer.MAX_VALUE - 64;

  private IdxFiles() {}

  /**
   * An array of unsigned bytes.
   *
   * @param dims sizes, the number of examples first
   * @param values the bytes, row-major
   */
  public record Array(int[] dims, byte[] values) {
    /**
     * The first {@code n} examples, or all if there are fewer.
     *
     * @throws DataException if {@code n} is negative
     */
    public Array first(int n) {
      if (n < 0) {
        throw new DataException("The first " + n + " examples were asked for; expected 0 or more.");
      }
      int[] d = dims.clone();
      d[0] = Math.min(n, dims[0]);
      int row = dims[0] == 0 ? 0 : values.length / dims[0];
      return new Array(d, Arrays.copyOf(values, d[0] * row));
    }

    /**
     * Images as [N, 1, H, W], each byte as {@code (byte / 255 - mean) / std}.
     *
     * @throws DataException unless there are three dimensions
     */
    public FloatTensor toImages(double mean, double std) {
      if (dims.length != 3) {
        throw new DataException(
            "Images need three dimensions, this array has " + Arrays.toString(dims) + ".");
      }
      float[] table = new float[256];
      for (int i = 0; i < 256; i++) {
        table[i] = (float) ((i / 255.0 - mean) / std);
      }
      float[] out = new float[values.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = table[values[i] & 0xff];
      }
      return FloatTensor.of(out, dims[0], 1, dims[1], dims[2]);
    }

    /**
     * Labels as int64 [N].
     *
     * @throws DataException unless there is one dimension
     */
    public LongTensor toLabels() {
      if (dims.length != 1) {
        throw new DataException(
            "Labels need one dimension, this array has " + Arrays.toString(dims) + ".");
      }
      long[] out = new long[values.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = values[i] & 0xff;
      }
      return LongTensor.of(out, dims);
    }
  }

  /**
   * Reads a file.
   *
   * @throws DataException naming the file, if it is missing, truncated, too long or not an IDX file
   *     of unsigned bytes
   */
  public static Array read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (NoSuchFileException | FileNotFoundException e) {
      throw new DataException("File " + file + " does not exist; expected an IDX file.", e);
    } catch (IOException e) {
      throw new DataException("File " + file + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  /**
   * Reads a stream to its end, for example a resource; the caller closes it.
   *
   * @param name what messages call it
   * @throws DataException as {@link #read(Path)}
   */
  public static Array read(InputStream stream, String name) {
    try {
      return readUnpacked(name, unpack(stream));
    } catch (EOFException e) {
      throw new DataException("File " + name + " is truncated; get it again.", e);
    } catch (ZipException e) {
      throw new DataException(
          "File " + name + " is not a sound gzip file (" + e.getMessage() + "); get it again.", e);
    } catch (IOException e) {
      throw new DataException("File " + name + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private static InputStream unpack(InputStream stream) throws IOException {
    BufferedInputStream in = new BufferedInputStream(stream);
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzip ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16)) : in;
  }

  /**
   * Reads a stream that is already unpacked.
   *
   * @param name what messages call it
   * @throws DataException as {@link #read(Path)}
   * @throws EOFException if the stream ends early
   */
  private static Array readUnpacked(String name, InputStream stream) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    int magic = in.readInt();
    int rank = magic & 0xff;
    if (magic >>> 8 != 0x08 || rank == 0) {
      throw new DataException(
          String.format(
              "File %s starts with %08x; expected 000008 and the number of dimensions: an IDX file of unsigned bytes.",
              name, magic));
    }
    int[] dims = new int[rank];
    long size = 1;
    for (int i = 0; i < rank; i++) {
      dims[i] = in.readInt();
      size = dims[i] < 0 ? MAX_BYTES + 1 : Math.min(size * dims[i], MAX_BYTES + 1);
    }
    if (size > MAX_BYTES) {
      throw new DataException(
          "File "
              + name
              + " claims dimensions "
              + Arrays.toString(dims)
              + "; expected less than 2 GB.");
    }
    byte[] values = readFully(in, (int) size);
    if (in.read() >= 0) {
      throw new DataException(
          "File "
              + name
              + " is longer than its dimensions "
              + Arrays.toString(dims)
              + " say; it is not the expected file.");
    }
    return new Array(dims, values);
  }

  /** The array grows with what is there: the header is not trusted with an allocation. */
  private static byte[] readFully(InputStream in, int size) throws IOException {
    byte[] values = new byte[Math.min(size, 1 << 16)];
    for (int n = 0; n < size; ) {
      if (n == values.length) {
        values = Arrays.copyOf(values, (int) Math.min(size, 2L * n));
      }
      int read = in.read(values, n, values.length - n);
      if (read < 0) {
        throw new EOFException();
      }
      n += read;
    }
    return values;
  }
}
