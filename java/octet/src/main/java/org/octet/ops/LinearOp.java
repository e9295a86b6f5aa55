package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Float linear layer: y = x W^T + b over the last dimension. Inputs: x [..., K], weight [N, K],
 * bias [N] or null.
 */
public final class LinearOp extends Op {
  private final Activation activation;

  /** A linear layer with a clamp after the bias. */
  public LinearOp(Activation activation) {
    this.activation = activation;
  }

  @Override
  public String name() {
    return "linear";
  }

  /** The clamp after the bias. */
  public Activation activation() {
    return activation;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("activation", activation);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Shape out = ConvShapes.output(name(), ConvGeometry.POINT, in[0], in[1].shape(), in[2]);
    return new Tensor[] {FloatTensor.ofSpec(out, MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CONTIGUOUS;
  }

  @Override
  public int constantInputs() {
    return 2;
  }

  @Override
  public Lowering lower(Tensor... in) {
    return ConvOp.lower(ConvGeometry.POINT, activation, in);
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (!context.recording()) {
      return super.execute(context, in);
    }
    Tensor spec = infer(in)[0];
    FloatTensor x = Rows.dense(in[0], MemoryFormat.CONTIGUOUS);
    FloatTensor w = Rows.dense(in[1], MemoryFormat.CONTIGUOUS);
    FloatTensor y = FloatTensor.empty(spec.shape(), MemoryFormat.CONTIGUOUS);
    int k = w.size(1);
    int n = w.size(0);
    int m = (int) (x.numel() / k);
    ConvTraining.fillBias(y.borrow(), m, n, in[2]);
    Gemm.run(
        context.blas(),
        false,
        true,
        m,
        n,
        k,
        x.borrow(),
        0,
        k,
        w.borrow(),
        0,
        k,
        in[2] == null ? 0f : 1f,
        y.borrow(),
        0,
        n);
    return ConvTraining.activate(context, activation, y);
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Tensor g = UnaryGradOp.throughActivation(activation, grads[0], outputs[0]);
    int k = in[1].size(1);
    int n = in[1].size(0);
    Tensor rows = new ReshapeOp(-1, n).apply(g);
    Interpreter current = Interpreter.current();
    Tensor dx = null;
    if (current.needsGradient(in[0])) {
      dx = new ReshapeOp(in[0].shape().dims()).apply(new MatmulOp(false, false).apply(rows, in[1]));
    }
    Tensor dw = null;
    if (current.needsGradient(in[1])) {
      dw = new MatmulOp(true, false).apply(rows, new ReshapeOp(-1, k).apply(in[0]));
    }
    return new Tensor[] {dx, dw, in[2] == null ? null : new ChannelSumOp(true).apply(rows)};
  }
}
