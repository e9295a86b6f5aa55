package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * The straight-through gradient of {@link FakeQuantizeOp} (training). Inputs: gradient of y, and x.
 * Result: that gradient where the unclamped code is in range, else 0.
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
    FloatTensor g = runs.alike(in[0]);
    if (!of.hasFloatZeroPoints()) {
      return new Tensor[] {onBackend(context, runs, g)};
    }
    int[] lo = new int[of.channels()];
    int[] width = new int[lo.length];
    for (int c = 0; c < lo.length; c++) {
      float[] bounds = of.bounds(c);
      lo[c] = ordered(Float.floatToRawIntBits(bounds[0]));
      width[c] = ordered(Float.floatToRawIntBits(bounds[1])) - lo[c];
    }
    return new Tensor[] {
      runs.mapBits(
          (v, out, from, to, c) -> mask(v[0], v[1], out, from, to, lo[c], width[c]), runs.x(), g)
    };
  }

  private FloatTensor onBackend(ExecutionContext context, ChannelRuns runs, FloatTensor g) {
    FloatTensor dx = FloatTensor.empty(runs.x().shape(), runs.x().format());
    Attributes codes = Attributes.builder().ints(of.codes()).build();
    try (FloatTensor state = of.state()) {
      OnCores.run(
          context.backend(),
          Lowering.of(
              OpKind.FAKE_QUANTIZE_GRAD, codes, runs.outer(), runs.channels(), runs.inner()),
          dx,
          runs.x(),
          g,
          state);
    }
    return dx;
  }

  /** Float bits as an int that grows with the float; NaNs lie beyond the infinities. */
  private static int ordered(int bits) {
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }

  /** On the bits and without a branch, so that the JIT vectorises it. */
  private static void mask(int[] x, int[] g, int[] dx, int from, int to, int lo, int width) {
    for (int i = from; i < to; i++) {
      int d = (x[i] ^ (x[i] >> 31 & Integer.MAX_VALUE)) - lo;
      // The sign is set where d > width, both unsigned: where x lies outside.
      int outside = (~width & d | (~width | d) & (width - d)) >> 31;
      dx[i] = g[i] & ~outside;
    }
  }
}
