// The products of two activations as the specification runs them; faster ones are made of gemm_q8 and gemm_f32.
#ifndef OCTET_KERNELS_MATMUL_H_
#define OCTET_KERNELS_MATMUL_H_

#include <stdint.h>

extern "C" {

struct OctetMatmul {
  int64_t k, n;
  int32_t transpose_b;
  // Of floats, or of float results.
  float lo, hi;
  // Of codes: whether they have a sign; results are codes with bounds lo and hi, or floats.
  int32_t signed_a, signed_b, to_codes;
  int32_t zero_point_a, zero_point_b, zero_point;
  float multiplier;
};

// `rows` rows of a times the whole of b.
struct MatmulKernel {
  void (*f32)(const float* a, const float* b, int64_t rows, const OctetMatmul* params, float* out);
  void (*q8)(const uint8_t* a, const uint8_t* b, int64_t rows, const OctetMatmul* params, uint8_t* out);
};

}  // extern "C"

#endif  // OCTET_KERNELS_MATMUL_H_
