package org.octet.bench.peers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Loops in registers: what the core can do at most, now. */
final class Peak implements Peer {
  private static final String LIBRARY = "liboctetpeak.so";
  private static final int VNNI512 = 0;
  private static final int VNNI256 = 1;
  private static final int MADD256 = 2;
  private static final int FMA512 = 3;
  private static final int FMA256 = 4;
  private static final int CLOCK = 5;

  /** Multiply-accumulates, or additions, of one iteration: twelve instructions each. */
  private static final int[] WORK = {12 * 64, 12 * 32, 12 * 16, 12 * 16, 12 * 8, 12};

  private static final long ITERATIONS = 20_000;
  private static final boolean LOADED = load();

  private final String name;
  private final int probe;

  private Peak(String name, int probe) {
    this.name = name;
    this.probe = probe;
  }

  /** The peaks under an instruction set of ours, and the clock. */
  static List<Peak> of(String isa) {
    return Stream.of(
            switch (isa) {
              case "avx512vnni" -> of("peakInt8", VNNI512);
              case "avxvnni" -> of("peakInt8", VNNI256);
              default -> of("peakInt8", MADD256);
            },
            isa.equals("avx512vnni") ? of("peakFp32", FMA512) : of("peakFp32", FMA256),
            of("clock", CLOCK))
        .filter(Objects::nonNull)
        .toList();
  }

  /** Reads so many bytes, again and again; null if there is no probe. */
  static Peer reader(long bytes) {
    return LOADED && supported(FMA256) ? new Reader(allocate(bytes), bytes) : null;
  }

  private record Reader(long address, long bytes) implements Peer {
    @Override
    public String name() {
      return "readWeights";
    }

    @Override
    public void run() {
      read(address, bytes);
    }

    @Override
    public float[] output() {
      return null;
    }

    @Override
    public void close() {
      free(address);
    }
  }

  /** Bits of a register under an instruction set of ours; 0 where it is none of x86. */
  static int registerBits(String isa) {
    return switch (isa) {
      case "avx512vnni" -> 512;
      case "avxvnni", "avx2" -> 256;
      default -> 0;
    };
  }

  private static Peak of(String name, int probe) {
    return LOADED && supported(probe) ? new Peak(name, probe) : null;
  }

  /** Work of one run; over nanoseconds this is 10^9 a second. */
  double work() {
    return (double) ITERATIONS * WORK[probe];
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    run(probe, ITERATIONS);
  }

  @Override
  public float[] output() {
    return null;
  }

  @Override
  public void close() {}

  private static boolean load() {
    try (InputStream in = Peak.class.getResourceAsStream(LIBRARY)) {
      if (in == null) {
        System.err.println("No " + LIBRARY + ": no peak columns.");
        return false;
      }
      Path file = Files.createTempFile("octetpeak", ".so");
      try {
        Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        System.load(file.toString());
      } finally {
        Files.delete(file);
      }
      return true;
    } catch (IOException | LinkageError e) {
      System.err.println("No peak columns: " + e);
      return false;
    }
  }

  private static native boolean supported(int probe);

  private static native void run(int probe, long iterations);

  private static native void read(long address, long bytes);

  private static native long allocate(long bytes);

  private static native void free(long address);
}
