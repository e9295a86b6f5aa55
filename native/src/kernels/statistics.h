// Descriptors of the kernels that observers and dynamic quantization count with.
#ifndef OCTET_KERNELS_STATISTICS_H_
#define OCTET_KERNELS_STATISTICS_H_

#include <stdint.h>

extern "C" {

// Running minimum, maximum and "a NaN was seen" (1 or 0), started by the caller at +inf, -inf, 0. NaN takes no other
// part. Of two zeros of different sign either may stay; the caller adds +0.
struct OctetMinMax {
  float min, max, nan;
};

struct MinMaxKernel {
  void (*flat)(const float* x, int64_t n, OctetMinMax* state);
  // Each of `columns` columns of rows [row_stride apart]; state[columns].
  void (*columns)(const float* x, int64_t rows, int64_t row_stride, int64_t columns, OctetMinMax* state);
};

// Adds to counts[bins] what octet_kinds.h says.
struct HistogramKernel {
  void (*run)(const float* x, int64_t n, float lo, float hi, int32_t bins, int32_t* counts);
};

typedef int32_t (*OctetCodeSumFunction)(const uint8_t* x, int64_t n);

// The sum of n codes, modulo 2^32.
struct CodeSumKernel {
  OctetCodeSumFunction u8, s8;
};

}  // extern "C"

#endif  // OCTET_KERNELS_STATISTICS_H_
