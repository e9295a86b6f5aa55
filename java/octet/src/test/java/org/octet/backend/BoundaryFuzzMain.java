package org.octet.backend;

import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.octet.tensor.OctetException;
import org.octet.tensor.Storage;

/**
 * See {@link BoundaryFuzzTest}. Arguments: a file that always holds the case's number, the first
 * case, how many.
 */
final class BoundaryFuzzMain {
  /** Cases that take more memory are made and shaped, not run. */
  private static final long MOST_BYTES = 4 << 20;

  private static final byte CANARY = 0x5a;
  private static final OpKind[] KINDS = OpKind.values();
  private static final Fill[] FILLS = Fill.values();

  private final List<Backend> backends = new ArrayList<>();

  /** Contexts of earlier cases, of any backend, some of closed operators: for plans. */
  private final ArrayDeque<OperatorContext> contexts = new ArrayDeque<>();

  private final ArrayDeque<Operator> operators = new ArrayDeque<>();
  private int made;
  private int shaped;
  private int ran;
  private int plans;
  private int planRuns;
  private int refused;

  private BoundaryFuzzMain() {
    backends.add(JavaBackend.instance());
    backends.addAll(NativeBackend.available());
  }

  public static void main(String[] args) throws Exception {
    long first = Long.parseLong(args[1]);
    long count = Long.parseLong(args[2]);
    BoundaryFuzzMain fuzz = new BoundaryFuzzMain();
    try (FileChannel file =
        FileChannel.open(
            Path.of(args[0]),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MappedByteBuffer progress = file.map(FileChannel.MapMode.READ_WRITE, 0, 8);
      for (long i = first; i < first + count; i++) {
        progress.putLong(0, i); // survives a crash of this JVM
        try {
          fuzz.step(i);
        } catch (Throwable e) {
          System.out.println("case " + i);
          e.printStackTrace(System.out);
          System.exit(1);
        }
      }
    }
    System.out.println(
        count
            + " cases on "
            + fuzz.backends
            + ": made "
            + fuzz.made
            + ", shaped "
            + fuzz.shaped
            + ", ran "
            + fuzz.ran
            + ", plans "
            + fuzz.plans
            + ", runs of plans "
            + fuzz.planRuns
            + ", refused "
            + fuzz.refused);
    long least = count / 50;
    if (count >= 1000
        && (fuzz.made < least
            || fuzz.shaped < least
            || fuzz.ran < least
            || fuzz.planRuns < count / 500
            || fuzz.refused < least)) {
      System.out.println("too few of one kind: the generator is broken");
      System.exit(1);
    }
  }

  private void step(long number) {
    Random r = new Random(number * 0x9E3779B97F4A7C15L);
    OpKind kind = KINDS[r.nextInt(KINDS.length)];
    OperatorCase c = OperatorCase.random(kind, FILLS[r.nextInt(FILLS.length)], number);
    Attributes attributes = attributes(r, c);
    List<Storage> owned = new ArrayList<>();
    try {
      List<Storage> constants = constants(r, c, owned);
      int[] dims = dims(r, c.dims());
      OperatorSpec spec = new OperatorSpec(kind, attributes, constants);
      Operator java = create(JavaBackend.instance(), spec, "java");
      Backend chosen = backends.get(r.nextInt(backends.size()));
      Operator op = create(chosen, spec, chosen.toString());
      if ((java == null) != (op == null)) {
        throw new AssertionError("one of java and " + chosen + " refused " + c + " as changed");
      }
      if (op == null) {
        return;
      }
      keep(java);
      keep(op);
      OperatorContext context = shape(op, dims);
      if (context == null) {
        return;
      }
      shape(java, dims);
      run(r, context, c.inputs());
      contexts.push(context);
      if (contexts.size() > 12) {
        contexts.removeLast();
      }
      if (r.nextInt(3) == 0) {
        plan(r);
      }
      if (r.nextInt(10) == 0) {
        op.close();
        run(r, context, c.inputs());
      }
    } finally {
      for (Storage s : owned) {
        s.release();
      }
    }
  }

  private void keep(Operator op) {
    operators.push(op);
    if (operators.size() > 20) {
      operators.removeLast().close();
    }
  }

  private Operator create(Backend backend, OperatorSpec spec, String text) {
    try {
      Operator op = backend.create(spec);
      made++;
      return op;
    } catch (OctetException e) {
      check(e);
      return null;
    }
  }

  private OperatorContext shape(Operator op, int[] dims) {
    try {
      OperatorContext context = op.shape(dims);
      shaped++;
      return context;
    } catch (OctetException e) {
      check(e);
      return null;
    }
  }

  private void check(OctetException e) {
    refused++;
    if (e.getMessage().contains("of one Octet version")) {
      throw new AssertionError("native and Java disagree", e);
    }
    // The Java side must have refused first: the message says what was wrong, which a status code
    // does not.
    if (e.getMessage().contains("was refused by the native library")) {
      throw new AssertionError("the check of the Java side let it pass", e);
    }
  }

  // ---- runs
  // ---------------------------------------------------------------------------------------------------------------

  private void run(Random r, OperatorContext context, byte[][] contents) {
    Footprint f = ((ShapedContext) context).footprint();
    long total = f.output() + context.scratchBytes();
    for (long b : f.inputs()) {
      total += b;
    }
    if (total > MOST_BYTES) {
      return;
    }
    List<Storage> owned = new ArrayList<>();
    int n = f.inputs().length;
    Storage[] in = new Storage[r.nextInt(40) == 0 ? r.nextInt(n + 2) : n];
    long[] offsets = new long[r.nextInt(40) == 0 ? r.nextInt(n + 2) : n];
    boolean sound = r.nextInt(3) != 0;
    try {
      for (int i = 0; i < Math.min(n, Math.min(in.length, offsets.length)); i++) {
        offsets[i] = sound ? f.inputAlignment() * r.nextInt(9) : offset(r);
        in[i] = storage(r, sound, Math.max(0, offsets[i]) + f.inputs()[i], owned);
        fill(r, in[i], i < contents.length ? contents[i] : new byte[0], offsets[i]);
      }
      long outOffset = sound ? f.outputAlignment() * r.nextInt(9) : offset(r);
      Storage out =
          storage(r, sound, Math.max(0, outOffset) + f.output() + (sound ? 32 : 0), owned);
      boolean alias = !sound && in.length > 0 && r.nextInt(4) == 0;
      if (alias) {
        out = in[0];
      } else {
        fill(r, out, new byte[0], 0);
      }
      Storage scratch = storage(r, sound, context.scratchBytes() + 64, owned);
      long scratchOffset = sound ? 0 : r.nextInt(3) == 0 ? offset(r) : 64 * r.nextInt(2);
      context.run(in, offsets, out, outOffset, scratch, scratchOffset);
      ran++;
      if (!alias) {
        checkCanaries(out, outOffset, f.output());
      }
    } catch (OctetException e) {
      check(e);
    } finally {
      for (Storage s : owned) {
        s.release();
      }
    }
  }

  /** Random bytes as a base, so that floats are of every kind. */
  private static void fill(Random r, Storage s, byte[] from, long offset) {
    if (s == null) {
      return;
    }
    try {
      for (int i = 0; i < s.bytes(); i++) {
        s.buffer().put(i, CANARY);
      }
      for (int i = 0; i < from.length && offset >= 0 && offset + i < s.bytes(); i++) {
        s.buffer().put((int) offset + i, r.nextInt(64) == 0 ? (byte) r.nextInt() : from[i]);
      }
    } catch (OctetException e) {
      // a storage that was closed on purpose
    }
  }

  private static void checkCanaries(Storage out, long from, long bytes) {
    for (int i = 0; i < out.bytes(); i++) {
      if ((i < from || i >= from + bytes) && out.buffer().get(i) != CANARY) {
        throw new AssertionError("byte " + i + " was written, outside of " + from + " + " + bytes);
      }
    }
  }

  private static long offset(Random r) {
    return switch (r.nextInt(8)) {
      case 0 -> -1 - r.nextInt(64);
      case 1 -> Long.MAX_VALUE - r.nextInt(8);
      case 2 -> Long.MIN_VALUE + r.nextInt(8);
      case 3 -> 1L << 32;
      case 4 -> Integer.MAX_VALUE - 64L;
      default -> r.nextInt(70);
    };
  }

  /**
   * Of that size when sound, else perhaps too small, none, or closed. Offsets of 2^31 ask for no
   * memory.
   */
  private static Storage storage(Random r, boolean sound, long bytes, List<Storage> owned) {
    long size = Math.min(Math.max(0, bytes), 2 * MOST_BYTES);
    int change = sound ? 9 : r.nextInt(10);
    if (change == 0) {
      return null;
    }
    size =
        change == 1
            ? Math.max(0, size - 1 - r.nextInt(9))
            : change == 2 ? r.nextInt((int) size + 1) : size;
    Storage s = Storage.allocate(change == 3 ? size + r.nextInt(99) : size);
    if (change == 4) {
      s.release();
    } else {
      owned.add(s);
    }
    return s;
  }

  // ---- plans
  // --------------------------------------------------------------------------------------------------------------

  private void plan(Random r) {
    List<OperatorContext> from = new ArrayList<>(contexts);
    boolean sound = r.nextInt(3) != 0;
    OperatorContext first = from.get(0);
    Backend backend = sound ? backendOf(first) : backends.get(r.nextInt(backends.size()));
    int externals = r.nextInt(4);
    List<PlanStep> steps = new ArrayList<>();
    long arena = 0;
    int wanted = r.nextInt(4);
    for (OperatorContext c : from) {
      Footprint f = ((ShapedContext) c).footprint();
      boolean fits = !sound || c.getClass() == first.getClass();
      if (steps.size() < wanted && fits && c.scratchBytes() + f.output() < MOST_BYTES) {
        long[] inputs = new long[!sound && r.nextInt(9) == 0 ? r.nextInt(4) : f.inputs().length];
        for (int i = 0; i < inputs.length; i++) {
          boolean external = externals > 0 && r.nextBoolean();
          inputs[i] = reference(r, sound, external, externals, arena);
          arena =
              external
                  ? arena
                  : (arena + (i < f.inputs().length ? f.inputs()[i] : 0) + 63) / 64 * 64;
        }
        boolean external = externals > 0 && r.nextBoolean();
        long output = reference(r, sound, external, externals, arena);
        arena = external ? arena : (arena + f.output() + 63) / 64 * 64;
        long scratch = sound || r.nextInt(5) != 0 ? arena : offset(r);
        arena = (arena + c.scratchBytes() + 63) / 64 * 64;
        steps.add(new PlanStep(!sound && r.nextInt(30) == 0 ? null : c, inputs, output, scratch));
      }
    }
    if (arena > 4 * MOST_BYTES) {
      return;
    }
    long bytes =
        sound || r.nextInt(3) != 0 ? arena : r.nextInt(3) == 0 ? -1 : r.nextInt((int) arena + 64);
    List<Storage> owned = new ArrayList<>();
    try (Plan plan =
            backend.plan(steps, bytes, !sound && r.nextInt(20) == 0 ? externals * -7 : externals);
        Plan.Session session = plan.newSession()) {
      plans++;
      for (int i = 0; i < externals; i++) {
        if (sound || r.nextInt(9) != 0) {
          Storage s = storage(r, sound, 1 << 18, owned);
          fill(r, s, new byte[0], 0);
          session.bind(
              !sound && r.nextInt(9) == 0 ? r.nextInt(9) - 4 : i,
              s,
              sound ? 0 : r.nextInt(3) == 0 ? offset(r) : 4);
          if (!sound && r.nextInt(9) == 0 && owned.remove(s)) {
            s.release();
          }
        }
      }
      session.run(
          switch (r.nextInt(6)) {
            case 0 -> 0;
            case 1 -> Integer.MIN_VALUE;
            case 2 -> Integer.MAX_VALUE;
            case 3 -> 3;
            default -> 1 + r.nextInt(2);
          });
      planRuns++;
      if (!sound && r.nextBoolean()) {
        plan.close();
        session.run(1);
        throw new AssertionError("a closed plan ran");
      }
    } catch (OctetException e) {
      check(e);
    } finally {
      for (Storage s : owned) {
        s.release();
      }
    }
  }

  private Backend backendOf(OperatorContext c) {
    return c instanceof NativeContext ? backends.get(backends.size() - 1) : JavaBackend.instance();
  }

  private static long reference(
      Random r, boolean sound, boolean external, int externals, long arena) {
    if (!sound && r.nextInt(6) == 0) {
      return offset(r);
    }
    return external ? -1 - r.nextInt(externals) : arena;
  }

  // ---- attributes, constants, dims
  // ----------------------------------------------------------------------------------------

  private static Attributes attributes(Random r, OperatorCase c) {
    long[] slots = new long[c.attributes().size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = c.attributes().get(i);
    }
    for (int changes = r.nextInt(4) - 1; changes > 0 && slots.length > 0; changes--) {
      int i = r.nextInt(slots.length);
      slots[i] = value(r, slots[i]);
    }
    if (r.nextInt(20) == 0) {
      slots = Arrays.copyOf(slots, r.nextInt(slots.length + 3));
    }
    return Attributes.builder().ints(slots).build();
  }

  private static long value(Random r, long old) {
    return switch (r.nextInt(16)) {
      case 0 -> -1;
      case 1 -> 0;
      case 2 -> Integer.MAX_VALUE;
      case 3 -> Integer.MAX_VALUE + 1L;
      case 4 -> 1L << 30;
      case 5 -> (1L << 32) + old;
      case 6 -> Long.MIN_VALUE + r.nextInt(3);
      case 7 -> Long.MAX_VALUE - r.nextInt(3);
      case 8 -> r.nextLong();
      case 9 -> r.nextInt();
      case 10 -> -old;
      case 11 -> 1L << r.nextInt(63);
      case 12 -> 128L + r.nextInt(3) * 128 - r.nextInt(2);
      case 13 -> old + 1;
      case 14 -> old - 1;
      default -> r.nextInt(5);
    };
  }

  private static List<Storage> constants(Random r, OperatorCase c, List<Storage> owned) {
    List<Storage> list = new ArrayList<>(c.spec(owned).constants());
    if (r.nextInt(6) != 0) {
      return list;
    }
    if (list.isEmpty() || r.nextInt(4) == 0) {
      int size = r.nextInt(list.size() + 3);
      while (list.size() > size) {
        list.remove(list.size() - 1);
      }
      while (list.size() < size) {
        list.add(r.nextBoolean() ? null : storage(r, false, r.nextInt(300), owned));
      }
    } else {
      int i = r.nextInt(list.size());
      Storage old = list.get(i);
      Storage s = storage(r, false, old == null ? r.nextInt(40) : old.bytes(), owned);
      fill(
          r,
          s,
          i < c.constants().length && c.constants()[i] != null ? c.constants()[i] : new byte[0],
          0);
      list.set(i, s);
    }
    return list;
  }

  private static int[] dims(Random r, int[] dims) {
    int[] d = dims.clone();
    if (r.nextInt(3) == 0) {
      d[r.nextInt(d.length)] =
          switch (r.nextInt(7)) {
            case 0 -> -1;
            case 1 -> Integer.MAX_VALUE - r.nextInt(2);
            case 2 -> Integer.MIN_VALUE;
            case 3 -> 1 << r.nextInt(31);
            case 4 -> r.nextInt();
            case 5 -> 0;
            default -> r.nextInt(40);
          };
    }
    return r.nextInt(30) == 0 ? Arrays.copyOf(d, r.nextInt(d.length + 2)) : d;
  }
}
