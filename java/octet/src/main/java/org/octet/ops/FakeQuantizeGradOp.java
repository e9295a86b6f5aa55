package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * The straight-through gradient of {@link FakeQuantizeOp} (training). Inputs: gradient of y, and x. Result: that gradient
 * where the unclamped code is in range, else 0.
 */
public final class FakeQuantizeGradOp extends Op {
  private final FakeQuantizeOp of;

  /** Gradient of {@code of}. */
  public FakeQuantizeGradOp(FakeQuantizeOp of) {
    this.of = of;
  }

  @Override
  public String name() {
    return "fake_quantize_grad";
  }

  @Override
  public Map<String, Object> attributes() {
    return of.attributes();
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.sameShape(name(), in[0], in[1]);
    return new Tensor[] {FloatTensor.ofSpec(in[1].shape(), in[1].format())};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    ChannelRuns runs = ChannelRuns.of(in[1], of.axis());
    return new Tensor[] {
      runs.map((v, out, from, to, c) -> of.mask(v[0], v[1], out, from, to, c), runs.x(), runs.alike(in[0]))
    };
  }
}
