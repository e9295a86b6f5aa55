// Descriptors of the kernels that work on whole rows: softmax and normalisations. Formulas: octet_kinds.h.
#ifndef OCTET_KERNELS_ROWS_H_
#define OCTET_KERNELS_ROWS_H_

#include <stdint.h>

extern "C" {

// Of codes only; lo, hi and zero_point as everywhere on the way to a code.
struct OctetSoftmaxParams {
  float scale, inv_out_scale;
  const float* powers;  // 256: exp_or_zero((float)-d * scale) for differences d to the largest code
  float lo, hi;
  int32_t zero_point;
};

typedef void (*OctetSoftmaxFunction)(const uint8_t* x, int64_t rows, int64_t n, const OctetSoftmaxParams* params,
                                     float* scratch, uint8_t* out);

constexpr int kSoftmaxRows = 4;

struct SoftmaxKernel {
  void (*f32)(const float* x, int64_t rows, int64_t n, float* out);
  OctetSoftmaxFunction u8, s8;  // scratch: kSoftmaxRows rows of n floats, each rounded up to 32
};

// Images of [pixels][channels], cut into groups.
struct OctetGroupNormParams {
  int64_t pixels, channels, groups;
  float eps;
  const float *gamma, *beta;
  // For floats the bounds of an activation, else those on the way to a code.
  float lo, hi;
  // Of codes only.
  float scale;
  int32_t zero_point_in, zero_point;
};

typedef void (*OctetGroupNormFunction)(const uint8_t* x, int64_t images, const OctetGroupNormParams* params,
                                       uint8_t* out);

struct GroupNormKernel {
  void (*f32)(const float* x, int64_t images, const OctetGroupNormParams* params, float* out);
  OctetGroupNormFunction u8, s8;
};

}  // extern "C"

#endif  // OCTET_KERNELS_ROWS_H_
