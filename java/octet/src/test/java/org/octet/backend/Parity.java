package org.octet.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.octet.tensor.Storage;

/**
 * Runs a case on the Java twin and on native backends and compares bit for bit; NaN is equal to
 * NaN.
 */
final class Parity {
  private static final byte GUARD = 0x5a;

  private Parity() {}

  /** Fails if {@code backend} differs from the twin, or writes outside of its output. */
  static void check(OperatorCase c, Backend backend) {
    byte[] expected = run(c, JavaBackend.instance(), false, 1, 0);
    long where = Arrays.hashCode(c.dims());
    compare(c, backend + " eager", expected, run(c, backend, false, 1, where));
    compare(c, backend + " plan", expected, run(c, backend, true, 1, where + 1));
    compare(c, backend + " plan on 3 threads", expected, run(c, backend, true, 3, where + 2));
  }

  private static void compare(OperatorCase c, String what, byte[] expected, byte[] found) {
    if (Arrays.equals(expected, found)) {
      return;
    }
    ByteBuffer e = ByteBuffer.wrap(expected).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer f = ByteBuffer.wrap(found).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < expected.length; i += c.floats() ? 4 : 1) {
      boolean same =
          c.floats()
              ? e.getInt(i) == f.getInt(i)
                  || (Float.isNaN(e.getFloat(i)) && Float.isNaN(f.getFloat(i)))
              : e.get(i) == f.get(i);
      if (!same) {
        throw new AssertionError(
            what
                + " differs from the twin at byte "
                + i
                + " of "
                + expected.length
                + ": expected "
                + (c.floats()
                    ? e.getFloat(i) + ", found " + f.getFloat(i)
                    : (e.get(i) & 255) + ", found " + (f.get(i) & 255))
                + "; "
                + c);
      }
    }
  }

  /**
   * @param where seed of the offsets that operands stand at; 0 is none
   */
  private static byte[] run(
      OperatorCase c, Backend backend, boolean plan, int threads, long where) {
    Random r = new Random(where);
    List<Storage> owned = new ArrayList<>();
    try (Operator op = backend.create(c.spec(owned))) {
      OperatorContext context = op.shape(c.dims());
      int n = c.inputs().length;
      Storage[] in = new Storage[n];
      long[] offsets = new long[n];
      for (int i = 0; i < n; i++) {
        offsets[i] = where == 0 ? 0 : offset(r, c.inputAlignment());
        in[i] = Buffers.raw(c.inputs()[i], (int) offsets[i]);
        owned.add(in[i]);
      }
      int outAt = where == 0 ? 0 : (int) offset(r, c.outputAlignment());
      int bytes = (int) context.outputBytes();
      byte[] guards = new byte[outAt + bytes + 64];
      Arrays.fill(guards, GUARD);
      Storage out = Buffers.raw(guards);
      owned.add(out);
      if (plan) {
        runPlan(backend, context, in, offsets, out, outAt, threads);
      } else {
        Storage scratch = Storage.allocate(context.scratchBytes());
        owned.add(scratch);
        context.run(in, offsets, out, outAt, scratch, 0);
      }
      out.buffer().duplicate().get(guards);
      for (int i = 0; i < guards.length; i++) {
        if ((i < outAt || i >= outAt + bytes) && guards[i] != GUARD) {
          throw new AssertionError(
              backend + " wrote " + (i - outAt) + " bytes into an output of " + bytes + ": " + c);
        }
      }
      return Arrays.copyOfRange(guards, outAt, outAt + bytes);
    } finally {
      owned.forEach(Storage::release);
    }
  }

  private static void runPlan(
      Backend backend,
      OperatorContext context,
      Storage[] in,
      long[] offsets,
      Storage out,
      int outAt,
      int threads) {
    long[] refs = new long[in.length];
    for (int i = 0; i < refs.length; i++) {
      refs[i] = -1 - i;
    }
    PlanStep step = new PlanStep(context, refs, -1 - in.length, 64);
    try (Plan plan = backend.plan(List.of(step), 64 + context.scratchBytes(), in.length + 1);
        Plan.Session session = plan.newSession()) {
      for (int i = 0; i < refs.length; i++) {
        session.bind(i, in[i], offsets[i]);
      }
      session.bind(in.length, out, outAt);
      session.run(threads);
    }
  }

  private static long offset(Random r, int alignment) {
    return (long) alignment * r.nextInt(67);
  }
}
