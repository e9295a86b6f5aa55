package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * Mean of each window. Float32, quint8 or qint8 in [N, C, H, W] or [N, C, L]; codes keep their
 * parameters and are rounded as {@link PoolRounding} says.
 */
public final class AvgPoolOp extends Op {
  private final ConvGeometry window;
  private final boolean ceilMode;
  private final boolean countIncludePad;
  private final int divisorOverride;
  private final PoolRounding rounding;

  /** A pool that rounds codes before it adds the zero point. */
  public AvgPoolOp(
      ConvGeometry window, boolean ceilMode, boolean countIncludePad, int divisorOverride) {
    this(window, ceilMode, countIncludePad, divisorOverride, PoolRounding.BEFORE_ZERO_POINT);
  }

  /**
   * A pool.
   *
   * @param window kernel, stride and padding (at most half of the kernel); dilation 1, one group
   * @param ceilMode whether a last window that leaves the input counts
   * @param countIncludePad whether padding counts in the divisor
   * @param divisorOverride a divisor for every window, 0 for none
   * @param rounding where codes are rounded; floats have no use for it
   */
  public AvgPoolOp(
      ConvGeometry window,
      boolean ceilMode,
      boolean countIncludePad,
      int divisorOverride,
      PoolRounding rounding) {
    PoolShapes.checkWindow("avg_pool", window);
    if (window.dilationH() != 1 || window.dilationW() != 1) {
      throw new OctetException("Op avg_pool got a dilated window; expected dilation 1.");
    }
    if (divisorOverride < 0) {
      throw new OctetException(
          "Op avg_pool got divisor "
              + divisorOverride
              + "; expected a positive one, or 0 for none.");
    }
    this.window = window;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
    this.divisorOverride = divisorOverride;
    this.rounding = rounding;
  }

  @Override
  public String name() {
    return "avg_pool";
  }

  /** The window. */
  public ConvGeometry window() {
    return window;
  }

  /** Whether a last window that leaves the input counts. */
  public boolean ceilMode() {
    return ceilMode;
  }

  /** Whether padding counts in the divisor. */
  public boolean countIncludePad() {
    return countIncludePad;
  }

  /** The divisor of every window, 0 for none. */
  public int divisorOverride() {
    return divisorOverride;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>(window.attributes());
    m.remove("group");
    m.remove("dilations");
    m.put("ceil_mode", ceilMode);
    m.put("count_include_pad", countIncludePad);
    m.put("divisor_override", divisorOverride);
    if (rounding != PoolRounding.BEFORE_ZERO_POINT) {
      m.put("rounding", rounding);
    }
    return m;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    PoolShapes.checkInput(name(), in[0]);
    int[] out = PoolShapes.output(window, ceilMode, in[0]);
    return PoolShapes.result(in[0], out[0], out[1]);
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CHANNELS_LAST;
  }

  @Override
  public Lowering lower(Tensor... in) {
    int[] out = PoolShapes.output(window, ceilMode, in[0]);
    Attributes.Builder b =
        Attributes.builder()
            .ints(
                Attributes.type(in[0].dtype()),
                in[0].size(1),
                window.kernelH(),
                window.kernelW(),
                window.strideH(),
                window.strideW(),
                window.padTop(),
                window.padLeft(),
                window.padBottom(),
                window.padRight(),
                countIncludePad ? 1 : 0,
                divisorOverride);
    return Lowering.of(
        OpKind.AVGPOOL,
        PoolShapes.codes(b, in[0], rounding).build(),
        PoolShapes.dims(in[0], out[0], out[1]));
  }

  private AvgWindows rows(Tensor x, int out) {
    return AvgWindows.sliding(
        PoolShapes.height(x),
        out,
        window.kernelH(),
        window.strideH(),
        window.padTop(),
        window.padBottom(),
        countIncludePad);
  }

  private AvgWindows columns(Tensor x, int out) {
    return AvgWindows.sliding(
        PoolShapes.width(x),
        out,
        window.kernelW(),
        window.strideW(),
        window.padLeft(),
        window.padRight(),
        countIncludePad);
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
        divisorOverride);
    return new Tensor[] {y};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    Tensor x = inputs[0];
    Tensor y = outputs[0];
    AvgWindows h = rows(x, PoolShapes.height(y));
    AvgWindows w = columns(x, PoolShapes.width(y));
    return new Tensor[] {new AvgPoolGradOp(x.shape(), h, w, divisorOverride).apply(grads[0])};
  }
}
