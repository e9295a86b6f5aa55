package org.octet.ops;

import java.util.Map;
import java.util.SplittableRandom;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * Zeroes elements with a probability and scales the others (training). Outputs: y and the mask it
 * was multiplied by.
 */
public final class DropoutOp extends Op {
  private final double p;
  private final long seed;

  /** Zeroes with probability {@code p}; the seed decides which elements. */
  public DropoutOp(double p, long seed) {
    this.p = p;
    this.seed = seed;
  }

  @Override
  public String name() {
    return "dropout";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("ratio", p);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.notEmpty(name(), in[0]);
    FloatTensor out = FloatTensor.ofSpec(in[0].shape(), in[0].format());
    return new Tensor[] {out, out};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    SplittableRandom random = new SplittableRandom(seed);
    float scale = p < 1 ? (float) (1 / (1 - p)) : 0f;
    float[] m = new float[(int) in[0].numel()];
    for (int i = 0; i < m.length; i++) {
      m[i] = random.nextDouble() < p ? 0f : scale;
    }
    FloatTensor x = Rows.dense(in[0], in[0].format());
    FloatTensor mask = FloatTensor.empty(x.shape(), x.format());
    mask.borrow().put(m);
    FloatTensor y = FloatTensor.empty(x.shape(), x.format());
    Pointwise.MUL.run(y, x, mask);
    return new Tensor[] {y, mask};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {BinaryOp.MUL.apply(grads[0], outputs[1])};
  }
}
