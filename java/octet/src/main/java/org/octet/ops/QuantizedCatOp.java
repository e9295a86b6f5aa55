package org.octet.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DTypeException;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Joins 8-bit tensors of one dtype along one axis. Codes are copied from inputs that have the
 * result's parameters; the others are dequantized and quantized. All inputs have the same shape but
 * for that axis.
 */
public final class QuantizedCatOp extends Op {
  private final int dim;
  private final QParams output;
  private final boolean relu;

  /** Joins along {@code dim}, keeping the first input's parameters (PyTorch's torch.cat). */
  public QuantizedCatOp(int dim) {
    this.dim = dim;
    this.output = null;
    this.relu = false;
  }

  /**
   * Joins along {@code dim}.
   *
   * @param dim an axis; negative ones count from the end
   * @param relu whether negative values become zero
   * @throws DTypeException if {@code output} is not quint8 or qint8 per tensor
   */
  public QuantizedCatOp(int dim, QParams output, boolean relu) {
    this.dim = dim;
    this.output = Checks.outputParams("quantized_cat", output);
    this.relu = relu;
  }

  @Override
  public String name() {
    return "quantized_cat";
  }

  /** The axis. */
  public int dim() {
    return dim;
  }

  /** Parameters of the result; null for those of the first input. */
  public QParams output() {
    return output;
  }

  /** Whether negative values become zero. */
  public boolean relu() {
    return relu;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("dim", dim);
    if (output != null) {
      m.put("output", output);
    }
    m.put("relu", relu);
    return m;
  }

  private QParams output(Tensor first) {
    return output != null ? output : first.qparams();
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    if (in.length == 0) {
      throw new OctetException("Op quantized_cat got no tensors; expected at least one.");
    }
    QuantizedTensor first = Checks.quantizedInput(name(), in[0]);
    Shape shape = first.shape();
    int axis = shape.normalizeAxis(dim);
    int size = 0;
    for (Tensor t : in) {
      QuantizedTensor q = Checks.quantizedInput(name(), t);
      Checks.sameType(name(), first, q);
      Checks.notEmpty(name(), q);
      if (q.shape().rank() != shape.rank()
          || !q.shape().with(axis, 1).equals(shape.with(axis, 1))) {
        throw new ShapeException(
            "Op quantized_cat got shapes "
                + shape
                + " and "
                + q.shape()
                + "; expected equal shapes but for dimension "
                + axis
                + ".");
      }
      size = Math.addExact(size, q.size(axis));
    }
    Checks.keepsType(name(), first, output(first));
    return new Tensor[] {
      QuantizedTensor.ofSpec(shape.with(axis, size), first.format(), output(first))
    };
  }

  @Override
  public Lowering lower(Tensor... in) {
    QParams out = output(in[0]);
    CodeRange range = CodeRange.of(out, relu);
    Attributes.Builder a =
        Attributes.builder()
            .ints(Attributes.type(out.dtype()), in.length)
            .floats(1f / out.scale())
            .ints(out.zeroPoint(), range.min(), range.max());
    int axis = in[0].shape().normalizeAxis(dim);
    MemoryFormat format = in[0].format();
    int[] dims = new int[in.length + 1];
    dims[0] = outer(in[0].shape(), axis, format);
    for (int i = 0; i < in.length; i++) {
      QParams q = in[i].qparams();
      a.floats(q.scale()).ints(q.zeroPoint(), q.equals(out) ? 1 : 0);
      dims[i + 1] = Math.toIntExact(in[i].numel() / dims[0]);
    }
    return Lowering.of(OpKind.CONCAT, a.build(), dims);
  }

  /** Number of runs of memory before {@code axis}: the sizes of the axes that vary more slowly. */
  static int outer(Shape shape, int axis, MemoryFormat format) {
    int n = 1;
    for (int i = 0; i < shape.rank(); i++) {
      boolean slower =
          format == MemoryFormat.CHANNELS_LAST
              ? i != axis && (axis == 1 || (i != 1 && i < axis))
              : i < axis;
      n *= slower ? shape.dim(i) : 1;
    }
    return n;
  }
}
