// Descriptors of the elementwise kernels: n elements, any alignment, nothing read or written outside them.
#ifndef OCTET_KERNELS_ELEMENTWISE_H_
#define OCTET_KERNELS_ELEMENTWISE_H_

#include <stdint.h>

extern "C" {

// From float to an 8-bit code: t = x * factor (or x / factor); t > lo ? t : lo (NaN becomes lo); t < hi ? t : hi;
// round half to even; + zero_point; the low byte is the code, for u8 and s8 alike.
struct OctetQuantizeParams {
  float factor;
  int32_t divide;
  float lo, hi;  // qmin - zero_point, qmax - zero_point
  int32_t zero_point;
};

struct QuantizeKernel {
  void (*run)(const float* x, int64_t n, const OctetQuantizeParams* params, uint8_t* out);
};

}  // extern "C"

#endif  // OCTET_KERNELS_ELEMENTWISE_H_
