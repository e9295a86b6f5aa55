package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Fake quantization whose scale and zero point are trained (LSQ). Inputs: x of any shape; scale and
 * zero point, float32 [1], or [C] for each index of an axis.
 *
 * <p>Forward as {@link FakeQuantizeOp} with the zero point rounded half to even and clamped.
 * Gradients as PyTorch defines them, see {@link LearnableFakeQuantizeGradOp}.
 */
public final class LearnableFakeQuantizeOp extends Op {
  private final int axis;
  private final int quantMin;
  private final int quantMax;
  private final float gradFactor;

  /**
   * For codes {@code quantMin} to {@code quantMax}.
   *
   * @param axis channel axis, -1 per tensor
   * @param gradFactor what the gradients of scale and zero point are multiplied by
   */
  public LearnableFakeQuantizeOp(int axis, int quantMin, int quantMax, float gradFactor) {
    this.axis = axis;
    this.quantMin = quantMin;
    this.quantMax = quantMax;
    this.gradFactor = gradFactor;
  }

  int axis() {
    return axis;
  }

  int quantMin() {
    return quantMin;
  }

  int quantMax() {
    return quantMax;
  }

  float gradFactor() {
    return gradFactor;
  }

  @Override
  public String name() {
    return "fake_quantize_learnable";
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("axis", axis);
    m.put("quant_min", quantMin);
    m.put("quant_max", quantMax);
    m.put("grad_factor", gradFactor);
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    int channels = axis < 0 ? 1 : axis < x.shape().rank() ? x.size(axis) : -1;
    for (int i = 1; i < 3; i++) {
      if (in[i].shape().rank() != 1 || in[i].size(0) != channels) {
        throw new ShapeException(
            "Op "
                + name()
                + " got x "
                + x.shape()
                + " and a "
                + (i == 1 ? "scale " : "zero point ")
                + in[i].shape()
                + "; expected "
                + (axis < 0 ? "[1]." : "one value for each index of axis " + axis + "."));
      }
    }
    return new Tensor[] {FloatTensor.ofSpec(x.shape(), x.format())};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    float[] scales = ((FloatTensor) in[1]).toArray();
    float[] zeroPoints = ((FloatTensor) in[2]).toArray();
    for (int i = 0; i < zeroPoints.length; i++) {
      zeroPoints[i] = Math.min(Math.max((float) Math.rint(zeroPoints[i]), quantMin), quantMax);
    }
    int[] z = new int[zeroPoints.length];
    for (int i = 0; i < z.length; i++) {
      z[i] = (int) zeroPoints[i];
    }
    return FakeQuantizeOp.of(scales, z, axis, quantMin, quantMax).execute(context, in[0]);
  }

  /** A weight's trained rounding is computed while a Program is compiled. */
  @Override
  public boolean foldsConstants() {
    return true;
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    return new LearnableFakeQuantizeGradOp(this).applyAll(grads[0], in[0], in[1], in[2]);
  }
}
