package org.octet.tensor;

/**
 * What is known of a tensor without its values.
 *
 * @param shape in logical order
 * @param format memory order of the dense tensor
 * @param qparams null unless {@code dtype} is quantized
 */
public record TensorSpec(DType dtype, Shape shape, MemoryFormat format, QParams qparams) {
  /** Checks that quantized types, and only they, have parameters. */
  public TensorSpec {
    if (dtype.isQuantized() != (qparams != null)) {
      throw new DTypeException(
          "A "
              + dtype
              + " tensor "
              + (qparams == null ? "needs" : "has no")
              + " quantization parameters.");
    }
  }

  /** A float tensor. */
  public static TensorSpec ofFloat(Shape shape, MemoryFormat format) {
    return new TensorSpec(DType.FLOAT32, shape, format, null);
  }

  /** A quantized tensor. */
  public static TensorSpec ofQuantized(Shape shape, MemoryFormat format, QParams qparams) {
    return new TensorSpec(qparams.dtype(), shape, format, qparams);
  }

  /** A tensor of this description without values. */
  public Tensor toAbstract() {
    if (qparams != null) {
      return QuantizedTensor.ofSpec(shape, format, qparams);
    }
    return dtype == DType.INT64 ? LongTensor.ofSpec(shape) : FloatTensor.ofSpec(shape, format);
  }

  /** Bytes of the dense tensor. */
  public long bytes() {
    return shape.numel() * dtype.bytes();
  }

  @Override
  public String toString() {
    return (qparams == null ? dtype.toString() : qparams.toString()) + " " + shape;
  }
}
