package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * softmax over one dimension, on float32 or on quint8 / qint8 tensors: the last one, or dimension 1
 * (the channels) of an image, where they lie together in memory. Quantized results have the given
 * parameters, or the fixed ones of a probability: scale 1/256, zero point the smallest code.
 *
 * <p>An element more than 87 below the largest counts as 0, so that -infinity masks; a row with a
 * NaN is NaN.
 */
public final class SoftmaxOp extends Op {
  private final int dim;
  private final QParams output;

  /** Over dimension {@code dim}, which may count from the end. */
  public SoftmaxOp(int dim) {
    this(dim, null);
  }

  /**
   * With the parameters of quantized results.
   *
   * @param output quint8 or qint8 as the input, per tensor; null for the fixed ones
   */
  public SoftmaxOp(int dim, QParams output) {
    this.dim = dim;
    this.output = output == null ? null : Checks.outputParams("softmax", output);
  }

  @Override
  public String name() {
    return "softmax";
  }

  /** The dimension, as it was given. */
  public int dim() {
    return dim;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("dim", dim);
    if (output != null) {
      m.put("output", output);
    }
    return m;
  }

  /** The dimension from the front; checks that its elements can lie together. */
  private int axis(Shape shape) {
    int rank = shape.rank();
    boolean last = dim == -1 || dim == rank - 1;
    if (rank == 0 || !(last || (dim == 1 && rank > 1))) {
      throw new ShapeException(
          "Op softmax over dimension "
              + dim
              + " got shape "
              + shape
              + "; expected the last dimension, or 1 for the channels of an image. Permute before.");
    }
    return last ? rank - 1 : 1;
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Tensor x = in[0];
    axis(x.shape());
    MemoryFormat format = inputFormat(0);
    Checks.notEmpty(name(), x);
    if (x instanceof FloatTensor) {
      return new Tensor[] {FloatTensor.ofSpec(x.shape(), format)};
    }
    QuantizedTensor q = Checks.quantizedInput(name(), x);
    QParams to = outputQParams(q.qparams());
    Checks.keepsType(name(), q, to);
    return new Tensor[] {QuantizedTensor.ofSpec(q.shape(), format, to)};
  }

  private QParams outputQParams(QParams input) {
    return output != null
        ? output
        : QParams.perTensor(1.0 / 256, input.dtype() == DType.QINT8 ? -128 : 0, input.dtype());
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return dim == 1 ? MemoryFormat.CHANNELS_LAST : MemoryFormat.CONTIGUOUS;
  }

  @Override
  public Lowering lower(Tensor... in) {
    int n = in[0].size(axis(in[0].shape()));
    Attributes.Builder a = Attributes.builder();
    if (in[0] instanceof FloatTensor) {
      a.ints(Attributes.F32, n).floats(1f, 1f).ints(0, 0, 0);
    } else {
      QParams from = in[0].qparams();
      QParams to = outputQParams(from);
      a.ints(Attributes.type(from.dtype()), n)
          .floats(from.scale(), 1f / to.scale())
          .ints(to.zeroPoint(), to.dtype().quantMin(), to.dtype().quantMax());
    }
    return Lowering.of(OpKind.SOFTMAX, a.build(), (int) (in[0].numel() / n));
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    // y * (g - sum(g * y))
    Tensor y = outputs[0];
    Tensor sum =
        new SumToOp(y.shape().with(axis(y.shape()), 1)).apply(BinaryOp.MUL.apply(grads[0], y));
    Tensor shared = BinaryOp.MUL.apply(y, sum);
    return new Tensor[] {SubOp.INSTANCE.apply(BinaryOp.MUL.apply(grads[0], y), shared)};
  }
}
