// Descriptors of the kernels that only move elements.
#ifndef OCTET_KERNELS_MOVEMENT_H_
#define OCTET_KERNELS_MOVEMENT_H_

#include <stdint.h>

extern "C" {

// out[c * out_stride + r] = x[r * x_stride + c] for r < rows, c < columns; strides in elements.
struct TransposeKernel {
  void (*b8)(const uint8_t* x, int64_t x_stride, int64_t rows, int64_t columns, uint8_t* out, int64_t out_stride);
  void (*b32)(const uint32_t* x, int64_t x_stride, int64_t rows, int64_t columns, uint32_t* out, int64_t out_stride);
};

}  // extern "C"

#endif  // OCTET_KERNELS_MOVEMENT_H_
