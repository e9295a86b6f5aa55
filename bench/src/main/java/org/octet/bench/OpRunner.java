package org.octet.bench;

import java.util.Arrays;
import java.util.List;
import org.octet.backend.Backend;
import org.octet.backend.Operator;
import org.octet.backend.OperatorContext;
import org.octet.backend.OperatorSpec;
import org.octet.backend.Plan;
import org.octet.backend.PlanStep;
import org.octet.ops.Lowering;
import org.octet.ops.Op;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Storage;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorSpec;

/** One operator, created and shaped once, run many times: what a step of a Program costs. */
public final class OpRunner implements AutoCloseable {
  private final Backend backend;
  private final Operator operator;
  private final OperatorContext context;
  private final Storage[] inputs;
  private final long[] offsets;
  private final Storage scratch;
  private final Tensor output;

  /**
   * Inputs are dense in the order that the op wants; the last {@code op.constantInputs()} are
   * weights.
   */
  public OpRunner(Backend backend, Op op, Tensor... in) {
    Lowering lowering = op.lower(in);
    this.backend = backend;
    List<Storage> constants = lowering.constants().make();
    operator = backend.create(new OperatorSpec(lowering.kind(), lowering.attributes(), constants));
    constants.stream().filter(s -> s != null).forEach(Storage::release);
    context = operator.shape(lowering.dims());
    int activations = in.length - op.constantInputs();
    inputs = new Storage[activations];
    offsets = new long[activations];
    for (int i = 0; i < activations; i++) {
      inputs[i] = in[i].storage();
      offsets[i] = in[i].byteOffset();
    }
    TensorSpec spec = op.infer(in)[0].spec();
    output =
        spec.dtype().isQuantized()
            ? QuantizedTensor.empty(spec.shape(), spec.format(), spec.qparams())
            : FloatTensor.empty(spec.shape(), spec.format());
    scratch = Storage.allocate(context.scratchBytes());
  }

  /** Runs once. */
  public Tensor run() {
    context.run(inputs, offsets, output.storage(), 0, scratch, 0);
    return output;
  }

  /** A plan of this one step: the inputs and the output are its buffers. */
  Plan newPlan() {
    long[] externals = new long[inputs.length];
    Arrays.setAll(externals, i -> -1 - i);
    PlanStep step = new PlanStep(context, externals, -1 - inputs.length, 0);
    return backend.plan(List.of(step), context.scratchBytes(), inputs.length + 1);
  }

  /** A session of it that reads these inputs and writes {@code out}. */
  Plan.Session newSession(Plan plan, Storage out) {
    Plan.Session session = plan.newSession();
    for (int i = 0; i < inputs.length; i++) {
      session.bind(i, inputs[i], offsets[i]);
    }
    session.bind(inputs.length, out, 0);
    return session;
  }

  long outputBytes() {
    return context.outputBytes();
  }

  @Override
  public void close() {
    operator.close();
    output.close();
    scratch.release();
  }
}
