package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.octet.stress.Fork;

/**
 * Broken attributes, dims, constants, offsets, storages and plans of every kind on every backend:
 * an {@code OctetException} or a result, never another exception, a write out of bounds or a crash.
 * In a JVM of its own, which may crash.
 */
class BoundaryFuzzTest {
  private static final int CASES = 6_000;

  @TempDir Path folder;

  @Test
  void onlyTypedExceptions() throws Exception {
    Path progress = folder.resolve("progress");
    long seed = Long.getLong("octet.fuzz.seed", 1);
    int cases = Integer.getInteger("octet.fuzz.cases", CASES);
    Fork.Result r =
        Fork.start(
            BoundaryFuzzMain.class,
            Map.of(),
            900,
            List.of(),
            progress.toString(),
            "" + seed,
            "" + cases);
    String at =
        Files.exists(progress)
            ? "case " + ByteBuffer.wrap(Files.readAllBytes(progress)).getLong()
            : "no case";
    assertTrue(r.exit() == 0 && r.crash() == null, () -> at + "\n" + r.output() + "\n" + r.crash());
    System.out.println("boundary fuzz: " + r.output().trim());
  }
}
