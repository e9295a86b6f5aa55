package org.octet.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.octet.backend.Backends;
import org.octet.backend.Blas;
import org.octet.backend.Blases;
import org.octet.ops.BinaryOp;
import org.octet.ops.ExecutionContext;
import org.octet.ops.Interpreter;
import org.octet.ops.Op;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

/**
 * Records the ops of its thread, so that {@link #backward} can sum up gradients in {@link
 * FloatTensor#grad()} of every tensor that requires them.
 *
 * <pre>{@code
 * optimizer.zeroGrad();
 * try (Tape tape = Tape.record()) {
 *   Tensor loss = criterion.call(model.call(x), labels);
 *   tape.backward(loss);
 * }
 * optimizer.step();
 * }</pre>
 *
 * A tape closes what was made while it was open, but for gradients and for what {@link #keep}
 * excepts: memory stays flat over any number of steps. While it records, matrix products run on
 * OpenBLAS where that is; sums then have no fixed order.
 */
public final class Tape implements Interpreter, AutoCloseable {
  private record Step(Op op, Tensor[] inputs, Tensor[] outputs) {}

  private final Blas blas = Blases.current();
  private final List<Step> steps = new ArrayList<>();
  private final Set<Tensor> tracked = Collections.newSetFromMap(new IdentityHashMap<>());
  private final TensorScope scope;
  private final Interpreter.Pushed pushed;
  private boolean done;

  private Tape() {
    scope = TensorScope.open();
    pushed = Interpreter.push(this);
  }

  /** Starts recording on this thread. */
  public static Tape record() {
    return new Tape();
  }

  @Override
  public Tensor[] apply(Op op, Tensor... inputs) {
    Tensor[] outputs = op.execute(new ExecutionContext(Backends.current(), blas), inputs);
    for (Tensor t : inputs) {
      if (needsGradient(t)) {
        steps.add(new Step(op, inputs.clone(), outputs.clone()));
        Collections.addAll(tracked, outputs);
        break;
      }
    }
    return outputs;
  }

  @Override
  public boolean needsGradient(Tensor t) {
    return t instanceof FloatTensor f && (f.requiresGrad() || tracked.contains(f));
  }

  /** Excepts a tensor from the closing; returns it. */
  public <T extends Tensor> T keep(T tensor) {
    return scope.keep(tensor);
  }

  /**
   * Adds the gradients of {@code loss} to {@link FloatTensor#grad()} of every tensor that requires
   * them. The recording is used up.
   *
   * @throws ShapeException if the loss has more than one element
   * @throws OctetException if the loss does not depend on a recorded tensor that requires
   *     gradients, or after a call before
   */
  public void backward(Tensor loss) {
    if (done) {
      throw new OctetException(
          "backward was called before on this tape, which freed it. Record a new one for each step.");
    }
    if (loss.numel() != 1) {
      throw new ShapeException(
          "backward got a tensor of shape "
              + loss.shape()
              + "; expected a loss with one element, such as a mean.");
    }
    if (!tracked.contains(loss)) {
      throw new OctetException(
          "The loss does not depend on a tensor that requires gradients through ops that this tape recorded. Compute it"
              + " inside the tape, outside of NoGrad, from parameters.");
    }
    done = true;
    try (Interpreter.Pushed p = Interpreter.push(new Backward())) {
      new Pass().run((FloatTensor) loss);
    } finally {
      steps.clear();
      tracked.clear();
    }
  }

  /** Ends the recording and closes what was made in it. */
  @Override
  public void close() {
    pushed.close();
    steps.clear();
    tracked.clear();
    scope.close();
  }

  /** Executes the ops that gradients are composed of. */
  private final class Backward implements Interpreter {
    @Override
    public Tensor[] apply(Op op, Tensor... inputs) {
      return op.execute(new ExecutionContext(Backends.current(), blas), inputs);
    }

    @Override
    public boolean needsGradient(Tensor t) {
      return Tape.this.needsGradient(t);
    }
  }

  /** One way back through the steps. */
  private final class Pass {
    private final Map<Tensor, FloatTensor> grads = new IdentityHashMap<>();

    /**
     * How often a gradient stands in {@link #grads}: an op may return its argument as the gradient
     * of two inputs.
     */
    private final Map<Tensor, Integer> uses = new IdentityHashMap<>();

    void run(FloatTensor loss) {
      FloatTensor one = FloatTensor.full(1f, loss.shape().dims());
      grads.put(loss, one);
      uses.merge(one, 1, Integer::sum);
      for (int i = steps.size() - 1; i >= 0; i--) {
        back(steps.get(i));
        steps.remove(i);
      }
    }

    private void back(Step step) {
      FloatTensor[] out = new FloatTensor[step.outputs.length];
      boolean any = false;
      for (int i = 0; i < out.length; i++) {
        out[i] = grads.remove(step.outputs[i]);
        any |= out[i] != null;
      }
      if (!any) {
        return;
      }
      try (TensorScope temporaries = TensorScope.open()) {
        for (int i = 0; i < out.length; i++) {
          if (out[i] == null) {
            out[i] = FloatTensor.zeros(step.outputs[i].shape().dims());
          }
        }
        Tensor[] in = step.op.gradient(step.inputs, step.outputs, out);
        for (int i = 0; i < step.inputs.length; i++) {
          if (i < in.length && in[i] != null && needsGradient(step.inputs[i])) {
            add((FloatTensor) step.inputs[i], (FloatTensor) in[i], temporaries);
          }
        }
      }
      for (FloatTensor g : out) {
        release(g);
      }
    }

    private void add(FloatTensor input, FloatTensor g, TensorScope temporaries) {
      if (!g.shape().equals(input.shape())) {
        throw new ShapeException(
            "A gradient has shape " + g.shape() + "; expected " + input.shape() + ", the input's.");
      }
      if (tracked.contains(input)) {
        FloatTensor before = grads.get(input);
        FloatTensor sum = before == null ? g : (FloatTensor) BinaryOp.ADD.apply(before, g);
        temporaries.keep(sum);
        grads.put(input, sum);
        uses.merge(sum, 1, Integer::sum);
        release(before);
      } else {
        accumulate(input, g);
      }
    }

    private void release(FloatTensor g) {
      if (g != null && uses.computeIfPresent(g, (k, n) -> n == 1 ? null : n - 1) == null) {
        g.close();
      }
    }
  }

  private static void accumulate(FloatTensor leaf, FloatTensor g) {
    FloatTensor grad = leaf.grad();
    if (grad == null) {
      FloatTensor own = FloatTensor.empty(leaf.shape(), leaf.format());
      own.copyFrom(g);
      leaf.setGrad(own);
      return;
    }
    float[] sum = grad.toArray();
    float[] more = g.toArray();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
    grad.copyFrom(sum);
  }
}
