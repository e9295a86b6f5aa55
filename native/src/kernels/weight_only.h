// f32 products with weights of 8 or 4 bits that become floats in registers. Formula: octet_kinds.h.
#ifndef OCTET_KERNELS_WEIGHT_ONLY_H_
#define OCTET_KERNELS_WEIGHT_ONLY_H_

#include <stdint.h>

namespace octet {

// A few rows times one panel of columns. Panels are those of pack/panels.h, in steps of one byte a column: one weight of
// 8 bits, or two of 4 bits that follow each other along K, the first one in the low half.
struct WeightOnlyBand {
  const float* a;
  int64_t a_stride;  // in elements
  float* out;
  int64_t out_stride;
  int32_t rows;
  int32_t groups, group_steps;  // steps of a group
  const uint8_t* panel;
  int32_t columns, vectors;
  const float* scale;  // [groups], scale_stride apart
  int64_t scale_stride;
  const float* bias;  // 0: none
  float lo, hi;
};

struct WeightOnlyKernel {
  void (*run8)(const WeightOnlyBand& band);
  void (*run4)(const WeightOnlyBand& band);
  int32_t lanes, max_vectors;
};

}  // namespace octet

#endif  // OCTET_KERNELS_WEIGHT_ONLY_H_
