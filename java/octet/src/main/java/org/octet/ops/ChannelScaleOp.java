package org.octet.ops;

import java.util.Arrays;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Multiplies or divides each channel by a number of its own, then adds another (training): how
 * quantization-aware training folds batch normalisation into a weight and takes it out of the
 * result again.
 *
 * <p>Inputs: x float32; factor [C]; shift [C] or null. Channels are dimension 0 of a weight, where
 * there is no shift, or dimension 1 of an activation.
 */
public final class ChannelScaleOp extends Op {
  /** weight [C, ...] * factor. */
  public static final ChannelScaleOp WEIGHT = new ChannelScaleOp(0, false);

  /** x [N, C, ...] * factor + shift. */
  public static final ChannelScaleOp MULTIPLY = new ChannelScaleOp(1, false);

  /** x [N, C, ...] / factor + shift. */
  public static final ChannelScaleOp DIVIDE = new ChannelScaleOp(1, true);

  private final int axis;
  private final boolean divide;

  private ChannelScaleOp(int axis, boolean divide) {
    this.axis = axis;
    this.divide = divide;
  }

  @Override
  public String name() {
    return "channel_scale";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("axis", axis, "divide", divide);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    for (int i = 1; i < 3; i++) {
      if (in[i] != null
          && (x.shape().rank() <= axis || !in[i].shape().equals(Shape.of(x.size(axis))))) {
        throw new ShapeException(
            "Op "
                + name()
                + " got "
                + x.shape()
                + " and "
                + in[i].shape()
                + "; expected one value for each index of"
                + " dimension "
                + axis
                + ".");
      }
    }
    return new Tensor[] {
      FloatTensor.ofSpec(x.shape(), axis == 0 ? x.format() : MemoryFormat.CHANNELS_LAST)
    };
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return axis == 0 ? null : MemoryFormat.CHANNELS_LAST;
  }

  @Override
  public int constantInputs() {
    return axis == 0 ? 0 : 2;
  }

  /** What is computed from weights only is no part of a Program. */
  @Override
  public boolean foldsConstants() {
    return true;
  }

  @Override
  public Lowering lower(Tensor... in) {
    if (axis == 0) {
      return super.lower(in);
    }
    int channels = in[0].size(1);
    return new Lowering(
        OpKind.AFFINE_F32,
        Attributes.builder()
            .ints(channels)
            .floats(Activation.NONE.lo(), Activation.NONE.hi())
            .build(),
        () -> {
          float[][] p = parameters(in);
          return Arrays.asList(Constants.ofFloats(p[0]), Constants.ofFloats(p[1]));
        },
        (int) (in[0].numel() / channels));
  }

  /** {what to multiply by, what to add}. */
  private float[][] parameters(Tensor... in) {
    float[] a = ((FloatTensor) in[1]).toArray();
    for (int c = 0; divide && c < a.length; c++) {
      a[c] = 1f / a[c];
    }
    return new float[][] {a, in[2] == null ? new float[a.length] : ((FloatTensor) in[2]).toArray()};
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    if (axis == 0) {
      float[] a = ((FloatTensor) in[1]).toArray();
      ChannelRuns runs = ChannelRuns.of(in[0], 0);
      return new Tensor[] {
        runs.map(
            (v, out, from, to, c) -> {
              float[] x = v[0];
              float f = a[c];
              for (int i = from; i < to; i++) {
                out[i] = x[i] * f;
              }
            },
            runs.x())
      };
    }
    if (!context.recording()) {
      return super.execute(context, in);
    }
    FloatTensor x = Rows.dense(in[0], MemoryFormat.CHANNELS_LAST);
    FloatTensor y = FloatTensor.empty(x.shape(), MemoryFormat.CHANNELS_LAST);
    float[][] p = parameters(in);
    BatchNormTrainingOp.affine(y, x, p[0], p[1]);
    return new Tensor[] {y};
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Interpreter current = Interpreter.current();
    Tensor dx = current.needsGradient(in[0]) ? apply(grads[0], in[1], null) : null;
    Tensor df = null;
    if (current.needsGradient(in[1])) {
      Tensor sums = new ChannelProductSumOp(axis).apply(grads[0], in[0]);
      // d(x / f) = -x / f^2
      df = divide ? negatedOverSquare(sums, in[1]) : sums;
    }
    boolean shift = in.length > 2 && in[2] != null && current.needsGradient(in[2]);
    return new Tensor[] {dx, df, shift ? new ChannelSumOp(false).apply(grads[0]) : null};
  }

  private static Tensor negatedOverSquare(Tensor sums, Tensor f) {
    Tensor inverse = InverseOp.RECIPROCAL.apply(f);
    Tensor square = BinaryOp.MUL.apply(inverse, inverse);
    return new ScaleOp(-1f).apply(BinaryOp.MUL.apply(sums, square));
  }
}
