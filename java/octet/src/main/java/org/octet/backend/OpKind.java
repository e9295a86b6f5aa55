package org.octet.backend;

/**
 * The operator kinds of the backend seam; numbers and attribute slots are those of
 * native/include/octet/octet_kinds.h.
 */
public enum OpKind {
  CONV_Q8(1),
  CONV_F32(2),
  LINEAR_DYNAMIC_Q8(3),
  QUANTIZE(4),
  DEQUANTIZE(5),
  ADD_Q8(6),
  MUL_Q8(7),
  LUT_Q8(8),
  MAXPOOL(9),
  AVGPOOL(10),
  ADAPTIVE_AVGPOOL(11),
  CONCAT(12),
  UNARY_F32(13),
  BINARY_F32(14),
  AFFINE_F32(15),
  TRANSPOSE(16),
  MINMAX_F32(17),
  HISTOGRAM_F32(18),
  FAKE_QUANTIZE(19),
  FAKE_QUANTIZE_GRAD(20),
  SOFTMAX(21),
  GROUP_NORM(22),
  AFFINE_Q8(23),
  MATMUL_F32(24),
  MATMUL_Q8(25),
  CONV_WEIGHT_GRAD(26),
  LINEAR_WEIGHT_ONLY(27);

  private final int number;

  OpKind(int number) {
    this.number = number;
  }

  /** The number that crosses the native line. */
  public int number() {
    return number;
  }
}
