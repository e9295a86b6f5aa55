package org.octet.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.octet.natives.NativeLibrary;
import org.octet.stress.Fork;

/** Every newer call beside its fallback, alone and in a JVM that is made to take all fallbacks. */
class PlatformTest {
  private static final float[] SPECIAL = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    3f,
    6f,
    -3f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN,
    0x1.fffffep-127f,
    1.0000001f,
    0x1p-75f,
    0x1.8p-75f,
    0x1p64f,
    -0x1.fffffep63f,
    16777215f,
    0x1p-149f * 3
  };

  private static void sameFma(float a, float b, float c) {
    float expected = Math.fma(a, b, c);
    float found = Platform.fmaByHand(a, b, c);
    if (Float.isNaN(expected)
        ? !Float.isNaN(found)
        : Float.floatToRawIntBits(expected) != Float.floatToRawIntBits(found)) {
      throw new AssertionError(
          a + " * " + b + " + " + c + ": expected " + expected + ", found " + found);
    }
  }

  @Test
  void fmaByHandIsMathFma() {
    for (float a : SPECIAL) {
      for (float b : SPECIAL) {
        for (float c : SPECIAL) {
          sameFma(a, b, c);
        }
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < 3_000_000; i++) {
      float a = Float.intBitsToFloat(random.nextInt());
      float b = Float.intBitsToFloat(random.nextInt());
      float c = Float.intBitsToFloat(random.nextInt());
      sameFma(a, b, c);
      // Close to what cancels the product.
      float product = a * b;
      sameFma(a, b, -product);
      sameFma(a, b, -Math.nextUp(product));
      // Products close to the addend in size, where double rounding would show: ties of the float
      // grid plus a crumb.
      float d = 1 + random.nextInt(1 << 12) * 0x1p-12f;
      float e = 1 + random.nextInt(1 << 12) * 0x1p-12f;
      float crumb = Math.scalb(random.nextFloat() - 0.5f, -random.nextInt(160));
      sameFma(d, e, crumb);
      // The same where the result is denormal.
      float tiny = Math.scalb(d, -random.nextInt(30) - 120);
      sameFma(tiny, e * 0x1p-10f, crumb);
    }
  }

  /** Ties of the float grid and less than a double can hold beside them. */
  @Test
  void fmaByHandRoundsOnce() {
    int wrongInDouble = 0;
    for (int k = 0; k < 12; k++) {
      // (1 + 2^-12)(1 + 2^(k-12)) = 1 + ... + 2^(k-24): a tie for k = 0.
      float a = 1 + 0x1p-12f;
      float b = 1 + Math.scalb(1f, k - 12);
      for (int exponent = -149; exponent < -50; exponent++) {
        for (int sign = -1; sign <= 1; sign += 2) {
          float crumb = sign * Math.scalb(1f, exponent);
          for (int scale = -140; scale <= 100; scale += 12) {
            float s = Math.scalb(a, scale);
            float c = Math.scalb(crumb, scale);
            sameFma(s, b, c);
            sameFma(-s, b, c);
            float inDouble = (float) ((double) s * b + c);
            wrongInDouble += inDouble != Math.fma(s, b, c) ? 1 : 0;
          }
        }
      }
    }
    assertTrue(wrongInDouble > 1000, "cases in which rounding twice shows: " + wrongInDouble);
  }

  private interface Call {
    void run();
  }

  /** Two things wrong at once: which one is named depends on the kind of buffer. */
  private static String outcome(boolean twoWrong, Call call) {
    try {
      call.run();
      return "done";
    } catch (RuntimeException e) {
      if (twoWrong) {
        return "refused";
      }
      // Which of several out-of-bounds messages is not promised.
      return e instanceof IndexOutOfBoundsException ? "out of bounds" : e.getClass().getName();
    }
  }

  private static ByteBuffer bytes(int kind, Random random) {
    ByteBuffer b = kind % 2 == 0 ? ByteBuffer.allocateDirect(4 * 40) : ByteBuffer.allocate(4 * 40);
    b.order(kind / 2 % 2 == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    for (int i = 0; i < 40; i++) {
      b.putInt(4 * i, random.nextInt() & 0x7f7fffff);
    }
    return b.position(4 * random.nextInt(3));
  }

  /** Memory of all kinds, ranges in and out of bounds, read-only too: the same in every respect. */
  @Test
  void bulkAccessByViewIsAbsoluteAccess() {
    int done = 0;
    for (int i = 0; i < 8_000; i++) {
      long seed = i;
      String[] outcomes = new String[4];
      Object[][] after = new Object[4][];
      for (int way = 0; way < 2; way++) {
        boolean newer = way == 0;
        Random random = new Random(seed);
        int kind = random.nextInt(5);
        ByteBuffer memory = bytes(kind, random);
        int limit = random.nextInt(38);
        int at = random.nextInt(44) - 3;
        int start = random.nextInt(12) - 1;
        int n = random.nextInt(8) == 0 ? random.nextInt(45) - 3 : random.nextInt(6);
        boolean readOnly = random.nextInt(4) == 0;
        boolean get = random.nextBoolean();
        boolean outside = at < 0 || start < 0 || n < 0 || at + n > limit || start + n > 20;
        boolean twoWrong = readOnly && !get && outside;
        FloatBuffer floats = memory.asFloatBuffer();
        IntBuffer ints = memory.asIntBuffer();
        float[] f = new float[20];
        int[] v = new int[20];
        for (int j = 0; j < 20; j++) {
          v[j] = random.nextInt();
          f[j] = random.nextFloat();
        }
        FloatBuffer fb = readOnly ? floats.asReadOnlyBuffer() : floats;
        IntBuffer ib = readOnly ? ints.asReadOnlyBuffer() : ints;
        fb.limit(limit).position(limit / 2);
        ib.limit(limit).position(limit / 2);
        outcomes[way] =
            outcome(
                twoWrong,
                () -> {
                  if (get && newer) {
                    Platform.Bulk.get(fb, at, f, start, n);
                  } else if (get) {
                    Platform.getByView(fb, at, f, start, n);
                  } else if (newer) {
                    Platform.Bulk.put(fb, at, f, start, n);
                  } else {
                    Platform.putByView(fb, at, f, start, n);
                  }
                });
        outcomes[2 + way] =
            outcome(
                twoWrong,
                () -> {
                  if (get && newer) {
                    Platform.Bulk.get(ib, at, v, start, n);
                  } else if (get) {
                    Platform.getByView(ib, at, v, start, n);
                  } else if (newer) {
                    Platform.Bulk.put(ib, at, v, start, n);
                  } else {
                    Platform.putByView(ib, at, v, start, n);
                  }
                });
        assertEquals(limit / 2, fb.position());
        assertEquals(limit / 2, ib.position());
        byte[] all = new byte[160];
        memory.duplicate().clear().get(all);
        after[way] = new Object[] {all, f, v};
      }
      assertEquals(outcomes[0], outcomes[1], "floats, seed " + seed);
      assertEquals(outcomes[2], outcomes[3], "ints, seed " + seed);
      assertArrayEquals(after[0], after[1], "memory and arrays, seed " + seed);
      done += outcomes[0].equals("done") ? 1 : 0;
    }
    assertTrue(done > 2_000 && done < 7_000, "in bounds: " + done);
  }

  private static List<String> logged(Call call) {
    Logger logger = Logger.getLogger("org.octet.platform");
    List<String> lines = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord r) {
            lines.add(
                r.getLoggerName()
                    + "|"
                    + r.getLevel()
                    + "|"
                    + Level.parse(r.getLevel().getName())
                    + "|"
                    + r.getMessage()
                    + "|"
                    + r.getParameters());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      call.run();
    } finally {
      logger.removeHandler(handler);
      logger.setUseParentHandlers(true);
    }
    return lines;
  }

  @Test
  void bothLoggersSayTheSame() {
    String message = "a {0} in 'quotes' and 100 %";
    List<String> newer = logged(() -> Platform.NewLogger.warn("org.octet.platform", message));
    assertEquals(1, newer.size());
    assertTrue(newer.get(0).contains("WARNING") && newer.get(0).contains(message), newer.get(0));
    assertEquals(newer, logged(() -> Platform.OldLogger.warn("org.octet.platform", message)));
  }

  @Test
  void newerCallsAreTakenWhereTheyAre() {
    assertTrue(Platform.BULK && Platform.LOGGER);
  }

  /** Training, quantization and the Java twin, by fallbacks only, against this JVM's own calls. */
  @Test
  void aJvmWithoutTheNewerCallsGivesTheSameBits() throws Exception {
    for (String backend : new String[] {"java", "native"}) {
      if (backend.equals("native") && !NativeLibrary.isAvailable()) {
        continue;
      }
      List<String> options = List.of("-Doctet.backend=" + backend, "-Doctet.blas=java");
      List<String> forced = new ArrayList<>(options);
      forced.add("-Doctet.platform=android26");
      String[] newer = Fork.run(PlatformMain.class, options).split("\n", 2);
      String[] fallbacks = Fork.run(PlatformMain.class, forced).split("\n", 2);
      assertEquals("bulk false, logger false, fma false", fallbacks[0].trim());
      assertTrue(newer[0].startsWith("bulk true, logger true"), newer[0]);
      assertEquals(newer[1], fallbacks[1], backend);
      assertTrue(newer[1].contains("deployed"), newer[1]);
    }
  }
}
