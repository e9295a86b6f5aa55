// Descriptors of the elementwise kernels: n elements, any alignment, nothing read or written outside them.
// Codes are bytes; where u8 and s8 differ a descriptor has one function for each. "to code" is always
//   t > lo ? t : lo (NaN becomes lo); t < hi ? t : hi; round half to even; + zero_point; the low byte
// with lo = qmin - zero_point and hi = qmax - zero_point.
#ifndef OCTET_KERNELS_ELEMENTWISE_H_
#define OCTET_KERNELS_ELEMENTWISE_H_

#include <stdint.h>

extern "C" {

struct OctetQuantizeParams {
  float factor;
  int32_t divide;
  float lo, hi;
  int32_t zero_point;
};

// t = x * factor, or x / factor with divide.
struct QuantizeKernel {
  void (*run)(const float* x, int64_t n, const OctetQuantizeParams* params, uint8_t* out);
};

typedef void (*OctetDequantizeFunction)(const uint8_t* x, int64_t n, float scale, int32_t zero_point, float* out);

// (float)(q - zero_point) * scale
struct DequantizeKernel {
  OctetDequantizeFunction u8, s8;
};

struct OctetAddParams {
  float scale_a, scale_b;
  int32_t zero_point_a, zero_point_b;
  float inv_out_scale;
  float lo, hi;
  int32_t zero_point;
};

typedef void (*OctetAddFunction)(const uint8_t* a, const uint8_t* b, int64_t n, const OctetAddParams* params,
                                 uint8_t* out);

// t = ((qa - za) * sa + (qb - zb) * sb) * inv_out_scale, every step rounded
struct AddQ8Kernel {
  OctetAddFunction u8, s8;
};

struct OctetMulParams {
  int32_t zero_point_a, zero_point_b;
  float multiplier;
  float lo, hi;
  int32_t zero_point;
};

typedef void (*OctetMulFunction)(const uint8_t* a, const uint8_t* b, int64_t n, const OctetMulParams* params,
                                 uint8_t* out);

// t = (float)((qa - za) * (qb - zb)) * multiplier
struct MulQ8Kernel {
  OctetMulFunction u8, s8;
};

// out = table[x], for rows of n codes; those of out are out_stride apart.
struct LutQ8Kernel {
  void (*run)(const uint8_t* x, int64_t rows, int64_t n, const uint8_t* table, uint8_t* out, int64_t out_stride);
};

// function: an octet_unary with its parameters; then the bounds, which let NaN pass.
struct OctetUnaryParams {
  int32_t function;
  float lo, hi, alpha, beta;
};

struct UnaryF32Kernel {
  void (*run)(const float* x, int64_t n, const OctetUnaryParams* params, float* out);
};

// a + b, a * b; then the bounds.
struct BinaryF32Kernel {
  void (*add)(const float* a, const float* b, int64_t n, float lo, float hi, float* out);
  void (*mul)(const float* a, const float* b, int64_t n, float lo, float hi, float* out);
};

struct OctetFakeQuantizeParams {
  float inverse, lo, hi, scale;  // 1 / scale; lo and hi are integers
};

struct FakeQuantizeKernel {
  // t = x * inverse, to a code as above but without a zero point; (float)code * scale
  void (*run)(const float* x, int64_t n, const OctetFakeQuantizeParams* params, float* y);
  // The gradient where lo <= rint(x * inverse) <= hi, else +0 (so for NaN).
  void (*grad)(const float* x, const float* gradient, int64_t n, const OctetFakeQuantizeParams* params, float* dx);
};

// x[row][c] * alpha[c] + beta[c], two rounded steps; then the bounds.
struct AffineF32Kernel {
  void (*run)(const float* x, int64_t rows, int64_t channels, const float* alpha, const float* beta, float lo, float hi,
              float* out);
};

struct OctetAffineQ8Params {
  const float *alpha, *beta;
  int32_t zero_point_in;
  float lo, hi;
  int32_t zero_point;
};

typedef void (*OctetAffineQ8Function)(const uint8_t* x, int64_t rows, int64_t channels,
                                      const OctetAffineQ8Params* params, uint8_t* out);

// t = (float)(x[row][c] - zero_point_in) * alpha[c] + beta[c], two rounded steps
struct AffineQ8Kernel {
  OctetAffineQ8Function u8, s8;
};

}  // extern "C"

#endif  // OCTET_KERNELS_ELEMENTWISE_H_
