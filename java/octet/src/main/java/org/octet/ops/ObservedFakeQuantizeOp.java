package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Minimum and maximum of a tensor, the parameters that follow, and {@link FakeQuantizeOp} with
 * these, in one call of the backend (training).
 *
 * <p>Inputs: x of any shape, and the state [C, 4]: minimum and maximum so far (+inf and -inf where
 * nothing was seen), scale and zero point of each channel, C = 1 per tensor. Results: x rounded,
 * and the new state, whose minimum and maximum are NaN where x had one.
 */
public final class ObservedFakeQuantizeOp extends Op {
  /** How minimum and maximum change; numbers of octet_kinds.h. */
  public enum Observe {
    /** They stay. */
    NO,
    /** Moving averages. */
    MOVING_AVERAGE,
    /** The smallest and the largest of all. */
    RUNNING
  }

  /** How scale and zero point follow from minimum and maximum; numbers of octet_kinds.h. */
  public enum Rule {
    /** They stay. */
    GIVEN,
    /** The observers' rule. */
    OBSERVER,
    /** The rule of dynamic quantization, {@link org.octet.tensor.ChooseQParams}. */
    DYNAMIC
  }

  /**
   * What an operator is made of.
   *
   * @param axis channel axis, -1 per tensor
   * @param quantMin smallest code
   * @param quantMax largest code
   * @param observe how x changes minimum and maximum
   * @param averaging the constant of a moving average
   * @param rule how scale and zero point follow
   * @param symmetric the range around zero
   * @param symmetricZeroPoint the zero point that the observers' rule gives a symmetric range
   * @param eps the smallest scale of the observers' rule
   */
  public record Options(
      int axis,
      int quantMin,
      int quantMax,
      Observe observe,
      float averaging,
      Rule rule,
      boolean symmetric,
      int symmetricZeroPoint,
      float eps) {}

  private final Options o;

  /** With these options. */
  public ObservedFakeQuantizeOp(Options options) {
    this.o = options;
  }

  @Override
  public String name() {
    return "fused_moving_avg_obs_fake_quant";
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("axis", o.axis);
    m.put("quant_min", o.quantMin);
    m.put("quant_max", o.quantMax);
    m.put("observe", o.observe);
    m.put("rule", o.rule);
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    Shape state = Shape.of(o.axis < 0 ? 1 : x.size(o.axis), 4);
    if (!in[1].shape().equals(state)) {
      throw new ShapeException(
          "Op " + name() + " got a state " + in[1].shape() + "; expected " + state + ".");
    }
    return new Tensor[] {
      FloatTensor.ofSpec(x.shape(), x.format()), FloatTensor.ofSpec(state, MemoryFormat.CONTIGUOUS)
    };
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    Attributes.Builder a = Attributes.builder();
    a.ints(o.quantMin, o.quantMax, o.observe.ordinal()).floats(o.averaging);
    a.ints(o.rule.ordinal(), o.symmetric ? 1 : 0, o.symmetric ? o.symmetricZeroPoint : o.quantMin);
    a.floats(o.eps);
    return run(context, ChannelRuns.of(in[0], o.axis), a.build(), (FloatTensor) in[1]);
  }

  /** {rounded, new state}, both parts of one memory. */
  static Tensor[] run(ExecutionContext context, ChannelRuns x, Attributes a, FloatTensor state) {
    int n = (int) x.x().numel();
    FloatTensor both = FloatTensor.empty(Shape.of(n + 4 * x.channels()), MemoryFormat.CONTIGUOUS);
    OnCores.run(
        context.backend(),
        Lowering.of(OpKind.FAKE_QUANTIZE, a, x.outer(), x.channels(), x.inner()),
        both,
        x.x(),
        state);
    try (both;
        Tensor flat = both.slice(0, 0, n);
        Tensor end = both.slice(0, n, n + 4 * x.channels())) {
      return new Tensor[] {ordered(flat, x.x()), end.reshape(x.channels(), 4)};
    }
  }

  /** The elements of {@code flat} in shape and memory order of {@code like}. */
  private static Tensor ordered(Tensor flat, FloatTensor like) {
    int rank = like.shape().rank();
    if (like.isDense(MemoryFormat.CONTIGUOUS)) {
      return flat.reshape(like.shape().dims());
    }
    int[] dims = new int[rank];
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i == 0 ? 0 : i == 1 ? rank - 1 : i - 1; // where dimension i stands in memory
      dims[order[i]] = like.size(i);
    }
    try (Tensor memory = flat.reshape(dims)) {
      return memory.permute(order);
    }
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    float[] state = ((FloatTensor) outputs[1]).toArray();
    float[] scales = new float[state.length / 4];
    int[] zeroPoints = new int[scales.length];
    for (int c = 0; c < scales.length; c++) {
      scales[c] = state[4 * c + 2];
      zeroPoints[c] = (int) state[4 * c + 3];
    }
    FakeQuantizeOp used = FakeQuantizeOp.of(scales, zeroPoints, o.axis, o.quantMin, o.quantMax);
    return new Tensor[] {new FakeQuantizeGradOp(used).apply(grads[0], inputs[0]), null};
  }
}
