// The specification's view of a convolution: weights as they arrive, [Cout][KD][KH][KW][Cin/G]. Only the reference kernels
// take these; faster ISAs work on packed panels (gemm.h) or on channels (depthwise.h).
#ifndef OCTET_KERNELS_CONV_H_
#define OCTET_KERNELS_CONV_H_

#include <stdint.h>

extern "C" {

// Activations [n][d][h][w][cin] -> [n][od][oh][ow][cout].
struct OctetConvGeometry {
  int64_t n, h, w, oh, ow;
  int64_t cin, cout, kh, kw, sh, sw, pad_top, pad_left, pad_bottom, pad_right, dh, dw, groups;
  int64_t d = 1, od = 1, kd = 1, sd = 1, pad_front = 0, pad_back = 0, dd = 1;  // as they are without depth
  int64_t ud = 1, uh = 1, uw = 1;  // places from one value of the input to the next; with more than 1, strides are 1
};

struct OctetConvQ8 {
  int32_t in_signed, out_signed;
  int32_t in_zero_point, out_zero_point, qmin, qmax;
  const int8_t* weight;
  const float* multiplier;
  const int32_t* weight_zero_point;  // or null
  const int32_t* bias;               // or null
};

struct OctetConvF32 {
  const float* weight;
  const float* bias;  // or null
  float lo, hi;
};

struct OctetLinearDynamic {
  int64_t m, k, n;
  int32_t reduce_range, per_row;
  const int8_t* weight;
  const float* weight_scale;
  const int32_t* weight_zero_point;  // or null
  const float* bias;                 // or null
  float lo, hi;
};

// Output rows [y0, y1) of the n * od * oh there are.
struct ConvQ8Kernel {
  void (*run)(const OctetConvGeometry* g, const OctetConvQ8* p, const uint8_t* in, uint8_t* out, int64_t y0,
              int64_t y1);
};
struct ConvF32Kernel {
  void (*run)(const OctetConvGeometry* g, const OctetConvF32* p, const float* in, float* out, int64_t y0, int64_t y1);
};
// Output rows [y0, y1) of m.
struct LinearDynamicKernel {
  void (*run)(const OctetLinearDynamic* p, const float* in, float* out, int64_t y0, int64_t y1);
};
// Minimum and maximum of n floats, NaN ignored; {+inf, -inf} when nothing is left. The sign of a zero is not specified.
struct RangeKernel {
  void (*run)(const float* x, int64_t n, float* min, float* max);
};

}  // extern "C"

#endif  // OCTET_KERNELS_CONV_H_
