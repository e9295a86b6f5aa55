// Descriptors of the pooling kernels over channels-last images. A call makes `pixels` neighbouring outputs in each of
// `lines` rows, every one from a window of ny x nx valid taps; strides are in elements. An empty window (ny or nx 0) reads
// nothing.
#ifndef OCTET_KERNELS_POOLING_H_
#define OCTET_KERNELS_POOLING_H_

#include <stdint.h>

extern "C" {

struct OctetWindow {
  int64_t ny, row_stride;
  int64_t nx, column_stride;
  int64_t pixels, pixel_stride;
  int64_t lines, line_stride, out_stride;
  int64_t channels;
};

typedef void (*OctetMaxPoolQ8Function)(const uint8_t* x, const OctetWindow* window, uint8_t* out);

// The largest code, from the type's smallest on; f32: x > acc || x != x ? x : acc from -inf on, row by row.
struct MaxPoolKernel {
  OctetMaxPoolQ8Function u8, s8;
  void (*f32)(const float* x, const OctetWindow* window, float* out);
};

struct OctetAveragePoolParams {
  int32_t zero_point;
  float inv_count;  // 1f / n
  float shift;      // added before rounding: 0, or the zero point
  int32_t offset;   // added after it: the zero point, or 0
  float lo, hi;     // qmin - offset, qmax - offset
};

typedef void (*OctetAveragePoolQ8Function)(const uint8_t* x, const OctetWindow* window,
                                           const OctetAveragePoolParams* params, uint8_t* out);

// Codes: t = (float)(sum - ny * nx * zero_point) * inv_count + shift, then to code. f32: the sum from +0, row by row, / count.
struct AveragePoolKernel {
  OctetAveragePoolQ8Function u8, s8;
  void (*f32)(const float* x, const OctetWindow* window, float count, float* out);
};

}  // extern "C"

#endif  // OCTET_KERNELS_POOLING_H_
