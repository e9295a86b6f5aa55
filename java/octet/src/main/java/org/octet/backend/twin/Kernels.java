package org.octet.backend.twin;

import java.util.List;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.backend.OperatorSpec;
import org.octet.tensor.Storage;

/** The table kind -> class. */
public final class Kernels {
  private Kernels() {}

  /** Makes the kernel; constants are copied. */
  public static Kernel create(OperatorSpec spec) {
    List<Storage> constants = spec.constants();
    Memory[] c = new Memory[4];
    for (int i = 0; i < constants.size() && i < c.length; i++) {
      c[i] = Memory.of(constants.get(i), 0);
    }
    Attributes a = spec.attributes();
    return switch (spec.kind()) {
      case CONV_Q8 -> new ConvQ8(a, c);
      case CONV_F32 -> new ConvF32(a, c);
      case LINEAR_DYNAMIC_Q8 -> new LinearDynamicQ8(a, c);
      case LINEAR_WEIGHT_ONLY -> new LinearWeightOnly(a, c);
      case QUANTIZE -> new QuantizeF32(a);
      case DEQUANTIZE -> new DequantizeQ8(a);
      case ADD_Q8 -> new AddQ8(a);
      case MUL_Q8 -> new MulQ8(a);
      case LUT_Q8 -> new LutQ8(c);
      case MAXPOOL -> new MaxPool(a);
      case AVGPOOL -> new AvgPool(a);
      case ADAPTIVE_AVGPOOL -> new AdaptiveAvgPool(a);
      case CONCAT -> new Concat(a);
      case UNARY_F32 -> new UnaryF32(a);
      case BINARY_F32 -> new BinaryF32(a);
      case AFFINE_F32 -> new AffineF32(a, c);
      case SOFTMAX -> new Softmax(a);
      case GROUP_NORM -> new GroupNorm(a, c);
      case AFFINE_Q8 -> new AffineQ8(a, c);
      case MATMUL_F32, MATMUL_Q8 -> new Matmul(a, spec.kind() == OpKind.MATMUL_Q8);
      case TRANSPOSE -> new Transpose(a);
      case MINMAX_F32 -> new MinMaxF32();
      case HISTOGRAM_F32 -> new HistogramF32(a);
      case CONV_WEIGHT_GRAD -> new ConvWeightGradF32(a);
      case FAKE_QUANTIZE -> new FakeQuantizeF32(a);
      case FAKE_QUANTIZE_GRAD -> new FakeQuantizeGradF32(a);
    };
  }
}
