package org.octet.ops;

import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Base of ops whose result is the input's memory, in row-major order, under another shape. */
abstract class AliasOp extends Op {
  /** The result's shape. */
  abstract Shape target(Tensor x);

  @Override
  public final Tensor[] infer(Tensor... in) {
    Tensor x = in[0];
    Checks.notEmpty(name(), x);
    if (x.dtype() == DType.FLOAT32) {
      return new Tensor[] {FloatTensor.ofSpec(target(x), MemoryFormat.CONTIGUOUS)};
    }
    if (x instanceof LongTensor) {
      return new Tensor[] {LongTensor.ofSpec(target(x))};
    }
    if (x.qparams().isPerChannel()) {
      throw new ShapeException(
          "Op " + name() + " got a tensor quantized per channel; expected one per tensor.");
    }
    return new Tensor[] {QuantizedTensor.ofSpec(target(x), MemoryFormat.CONTIGUOUS, x.qparams())};
  }

  @Override
  public final Tensor[] execute(ExecutionContext context, Tensor... in) {
    Tensor out = infer(in)[0];
    Tensor x = OpExecutor.toFormat(context.backend(), in[0], MemoryFormat.CONTIGUOUS);
    Tensor view = x.reshape(out.shape().dims());
    if (x != in[0]) {
      x.close(); // the view holds the memory
    }
    return new Tensor[] {view};
  }

  @Override
  public final MemoryFormat inputFormat(int index) {
    return MemoryFormat.CONTIGUOUS;
  }

  @Override
  public final boolean isAlias() {
    return true;
  }

  @Override
  public final Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    return new Tensor[] {new ReshapeOp(inputs[0].shape().dims()).apply(grads[0])};
  }
}
