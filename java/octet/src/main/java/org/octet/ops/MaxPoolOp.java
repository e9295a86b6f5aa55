package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Tensor;

/**
 * Largest value of each window; padding never wins. Float32, quint8 or qint8 in [N, C, H, W] or [N,
 * C, L]; codes keep their parameters.
 */
public final class MaxPoolOp extends Op {
  private final ConvGeometry window;
  private final boolean ceilMode;

  /**
   * A pool.
   *
   * @param window kernel, stride, padding (at most half of the kernel) and dilation; one group
   * @param ceilMode whether a last window that leaves the input counts (PyTorch's ceil_mode)
   */
  public MaxPoolOp(ConvGeometry window, boolean ceilMode) {
    PoolShapes.checkWindow("max_pool", window);
    this.window = window;
    this.ceilMode = ceilMode;
  }

  @Override
  public String name() {
    return "max_pool";
  }

  /** The window. */
  public ConvGeometry window() {
    return window;
  }

  /** Whether a last window that leaves the input counts. */
  public boolean ceilMode() {
    return ceilMode;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>(window.attributes());
    m.remove("group");
    m.put("ceil_mode", ceilMode);
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
    Attributes a =
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
                window.dilationH(),
                window.dilationW())
            .build();
    return Lowering.of(OpKind.MAXPOOL, a, PoolShapes.dims(in[0], out[0], out[1]));
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (!context.recording() || !(in[0] instanceof FloatTensor)) {
      return super.execute(context, in);
    }
    Tensor spec = infer(in)[0];
    FloatTensor y = FloatTensor.empty(spec.shape(), MemoryFormat.CHANNELS_LAST);
    PoolLoops.max(Rows.dense(in[0], MemoryFormat.CHANNELS_LAST), y, window);
    return new Tensor[] {y};
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {new MaxPoolGradOp(window).apply(grads[0], inputs[0], outputs[0])};
  }
}
