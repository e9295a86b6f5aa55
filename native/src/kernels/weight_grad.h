// Descriptor of the kernel that sums products of two tensors over an area of pixels: the gradient of a convolution's
// weight for one tap.
#ifndef OCTET_KERNELS_WEIGHT_GRAD_H_
#define OCTET_KERNELS_WEIGHT_GRAD_H_

#include <stdint.h>

extern "C" {

// rows x columns pixels of two tensors; strides in floats.
struct OctetPixelArea {
  const float* x;
  const float* g;
  int64_t rows, columns;
  int64_t x_row, x_column, g_row, g_column;
};

// Every sum goes over the pixels in order, row by row, with fma, starting from what stands in `sum`.
struct WeightGradKernel {
  // sum[i * stride + j] += g[i] * x[j], i < outputs, j < inputs
  void (*dense)(const OctetPixelArea* area, int64_t outputs, int64_t inputs, float* sum, int64_t stride);
  // sum[j] += g[j] * x[j], j < channels
  void (*depthwise)(const OctetPixelArea* area, int64_t channels, float* sum);
};

}  // extern "C"

#endif  // OCTET_KERNELS_WEIGHT_GRAD_H_
