package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * Means of windows that divide the input into a grid of fixed size; window o covers [floor(o*H/OH),
 * ceil((o+1)*H/OH)). Float32, quint8 or qint8 in [N, C, H, W] or [N, C, L]; codes keep their
 * parameters and are rounded as {@link PoolRounding} says.
 */
public final class AdaptiveAvgPoolOp extends Op {
  private final int outH;
  private final int outW;
  private final PoolRounding rounding;

  /** A pool that rounds codes before it adds the zero point. */
  public AdaptiveAvgPoolOp(int outH, int outW) {
    this(outH, outW, PoolRounding.BEFORE_ZERO_POINT);
  }

  /**
   * A pool.
   *
   * @param outH height of the result (1 for [N, C, L]); 0 keeps the input's
   * @param outW width of the result; 0 keeps the input's
   * @param rounding where codes are rounded; floats have no use for it
   */
  public AdaptiveAvgPoolOp(int outH, int outW, PoolRounding rounding) {
    if (outH < 0 || outW < 0) {
      throw new OctetException(
          "Op adaptive_avg_pool got output size "
              + outH
              + "x"
              + outW
              + "; expected no negative size.");
    }
    this.outH = outH;
    this.outW = outW;
    this.rounding = rounding;
  }

  @Override
  public String name() {
    return "adaptive_avg_pool";
  }

  /** Height of the result, 0 for the input's. */
  public int outH() {
    return outH;
  }

  /** Width of the result, 0 for the input's. */
  public int outW() {
    return outW;
  }

  @Override
  public Map<String, Object> attributes() {
    String size = outH + "x" + outW;
    return rounding == PoolRounding.BEFORE_ZERO_POINT
        ? Map.of("output_size", size)
        : Map.of("output_size", size, "rounding", rounding);
  }

  /** {OH, OW} for an input. */
  int[] output(Tensor x) {
    return new int[] {
      outH == 0 ? PoolShapes.height(x) : outH, outW == 0 ? PoolShapes.width(x) : outW
    };
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    PoolShapes.checkInput(name(), in[0]);
    int[] out = output(in[0]);
    if (in[0].shape().rank() == 3 && out[0] != 1) {
      throw new OctetException(
          "Op adaptive_avg_pool got shape "
              + in[0].shape()
              + " and output height "
              + out[0]
              + "; expected 1.");
    }
    return PoolShapes.result(in[0], out[0], out[1]);
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CHANNELS_LAST;
  }

  @Override
  public Lowering lower(Tensor... in) {
    int[] out = output(in[0]);
    Attributes.Builder b = Attributes.builder().ints(Attributes.type(in[0].dtype()), in[0].size(1));
    return Lowering.of(
        OpKind.ADAPTIVE_AVGPOOL,
        PoolShapes.codes(b, in[0], rounding).build(),
        PoolShapes.dims(in[0], out[0], out[1]));
  }

  private AvgWindows rows(Tensor x, int out) {
    return AvgWindows.adaptive(PoolShapes.height(x), out);
  }

  private AvgWindows columns(Tensor x, int out) {
    return AvgWindows.adaptive(PoolShapes.width(x), out);
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (!context.recording() || !(in[0] instanceof FloatTensor)) {
      return super.execute(context, in);
    }
    Tensor spec = infer(in)[0];
    FloatTensor y = FloatTensor.empty(spec.shape(), MemoryFormat.CHANNELS_LAST);
    PoolLoops.average(
        Rows.dense(in[0], MemoryFormat.CHANNELS_LAST),
        y,
        rows(in[0], PoolShapes.height(y)),
        columns(in[0], PoolShapes.width(y)),
        0);
    return new Tensor[] {y};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    Tensor x = inputs[0];
    Tensor y = outputs[0];
    AvgWindows h = rows(x, PoolShapes.height(y));
    AvgWindows w = columns(x, PoolShapes.width(y));
    return new Tensor[] {new AvgPoolGradOp(x.shape(), h, w, 0).apply(grads[0])};
  }
}
