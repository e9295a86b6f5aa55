package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.DType;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Counts of equal bins between two bounds (torch.histc). Inputs: x, and float32 [2] with the bounds
 * lo &lt; hi; values outside and NaNs are left out. Output: int32 counts [bins] as codes of scale
 * 1.
 */
public final class HistogramOp extends Op {
  private static final QParams COUNTS = QParams.perTensor(1, 0, DType.QINT32);

  private final int bins;

  /** Counts into {@code bins} bins. */
  public HistogramOp(int bins) {
    this.bins = bins;
  }

  @Override
  public String name() {
    return "histogram";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("bins", bins);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    if (!Checks.floatInput(name(), in[1]).shape().equals(Shape.of(2))) {
      throw new ShapeException(
          "Op histogram got bounds of shape " + in[1].shape() + "; expected [2].");
    }
    return new Tensor[] {QuantizedTensor.ofSpec(Shape.of(bins), MemoryFormat.CONTIGUOUS, COUNTS)};
  }

  /** Counting takes any dense order of x; the bounds are a vector and so contiguous. */
  @Override
  public MemoryFormat inputFormat(int index) {
    return index == 0 ? null : MemoryFormat.CONTIGUOUS;
  }

  @Override
  public Lowering lower(Tensor... in) {
    return Lowering.of(
        OpKind.HISTOGRAM_F32, Attributes.builder().ints(bins).build(), (int) in[0].numel());
  }
}
