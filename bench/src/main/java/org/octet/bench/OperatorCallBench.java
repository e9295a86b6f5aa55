package org.octet.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.octet.backend.Attributes;
import org.octet.backend.BackendException;
import org.octet.backend.Isa;
import org.octet.backend.NativeBackend;
import org.octet.backend.Operator;
import org.octet.backend.OperatorContext;
import org.octet.backend.OperatorSpec;
import org.octet.backend.Plan;
import org.octet.backend.PlanStep;
import org.octet.natives.OctetNative;
import org.octet.ops.Activation;
import org.octet.ops.Lowering;
import org.octet.ops.QuantizedLinearOp;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does crossing into native code cost for each call of one small operator, and does it
 * allocate ({@code -prof gc})? An int8 linear layer, called from Java in two ways and repeated in
 * one native loop.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class OperatorCallBench {
  private static final int LOOP = 1000;

  /** MxKxN. */
  @Param("1x16x16")
  public String shape;

  private Operator operator;
  private OperatorContext context;
  private Storage[] inputs;
  private long[] offsets;
  private Storage output;
  private Storage scratch;
  private Plan plan;
  private Plan.Session session;
  private long nativeOperator;
  private long nativeContext;
  private long in;
  private long out;
  private long scratchAddress;

  /** Makes the operator three times. */
  @Setup
  public void setup() {
    int[] s = Shapes.parse(shape, 3, "MxKxN, for example 1x16x16");
    RandomTensors random = new RandomTensors();
    QuantizedTensor x = random.activations(s[0], s[1]);
    Tensor[] tensors = {x, random.weights(s[2], s[1]), random.floats(0.5f, s[2])};
    NativeBackend backend = NativeBackend.best();
    Lowering lowering =
        new QuantizedLinearOp(RandomTensors.output(s[1]), Activation.NONE).lower(tensors);
    List<Storage> constants = lowering.constants().make();
    operator = backend.create(new OperatorSpec(lowering.kind(), lowering.attributes(), constants));
    context = operator.shape(lowering.dims());
    inputs = new Storage[] {x.storage()};
    offsets = new long[] {x.byteOffset()};
    output = Storage.allocate(context.outputBytes());
    scratch = Storage.allocate(context.scratchBytes());
    in = inputs[0].address() + offsets[0];
    out = output.address();
    scratchAddress = scratch.address();
    PlanStep step = new PlanStep(context, new long[] {-1}, -2, 0);
    plan = backend.plan(Collections.nCopies(LOOP, step), context.scratchBytes(), 2);
    session = plan.newSession();
    session.bind(0, inputs[0], offsets[0]);
    session.bind(1, output, 0);
    create(lowering, constants, backend);
    constants.stream().filter(c -> c != null).forEach(Storage::release);
  }

  /** The same operator as addresses. */
  private void create(Lowering lowering, List<Storage> constants, NativeBackend backend) {
    Attributes a = lowering.attributes();
    long[] slots = new long[a.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = a.get(i);
    }
    List<Long> addresses = new ArrayList<>();
    constants.forEach(c -> addresses.add(c == null ? 0 : c.address()));
    Storage attributes = block(slots);
    Storage weights = block(addresses.stream().mapToLong(Long::longValue).toArray());
    Storage info = block(new long[3]);
    check(
        OctetNative.octet_op_create(
            lowering.kind().number(),
            Isa.named(backend.isa()).number(),
            attributes.address(),
            slots.length,
            weights.address(),
            addresses.size(),
            info.address()));
    nativeOperator = info.buffer().getLong(0);
    int[] dims = lowering.dims();
    Storage shape = block(Arrays.stream(dims).asLongStream().toArray());
    check(OctetNative.octet_op_shape(nativeOperator, shape.address(), dims.length, info.address()));
    nativeContext = info.buffer().getLong(0);
    List.of(attributes, weights, info, shape).forEach(Storage::release);
  }

  private static Storage block(long[] values) {
    Storage s = Storage.allocate(8L * values.length);
    for (int i = 0; i < values.length; i++) {
      s.buffer().putLong(8 * i, values[i]);
    }
    return s;
  }

  private static void check(int status) {
    if (status != OctetNative.OCTET_OK) {
      throw new BackendException("Status " + status);
    }
  }

  /** Frees all. */
  @TearDown
  public void close() {
    session.close();
    plan.close();
    operator.close();
    OctetNative.octet_context_destroy(nativeContext);
    OctetNative.octet_op_destroy(nativeOperator);
    output.release();
    scratch.release();
  }

  /** The native function itself: addresses in, status out, nothing checked. */
  @Benchmark
  public int addressLevel() {
    return OctetNative.octet_op_run(nativeContext, in, 0, out, scratchAddress);
  }

  /** With all checks of sizes and lifetimes. */
  @Benchmark
  public void checked() {
    context.run(inputs, offsets, output, 0, scratch, 0);
  }

  /** A plan of a thousand such steps: the loop is native; one of them. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public void nativeLoop() {
    session.run(1);
  }
}
