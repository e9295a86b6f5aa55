// The scalar steps of the numeric contract, for the reference kernels (and for tails). Needs no libm: what the baseline
// has no instruction for is computed exactly by hand.
#ifndef OCTET_KERNELS_SCALAR_H_
#define OCTET_KERNELS_SCALAR_H_

#include <stdint.h>

#include "kernels/elementwise.h"

// An anonymous namespace, because this header is compiled with several ISAs' flags: no copy may stand for another.
namespace {
namespace scalar {

// Round half to even, for |t| <= 2^22: the magic number's unit in the last place is 1.
[[maybe_unused]] inline int32_t rint(float t) {
  const float magic = 12582912.0f;
  return static_cast<int32_t>((t + magic) - magic);
}

// a * b + c, rounded once.
[[maybe_unused]] inline float fma(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_fmaf(a, b, c);
#else
  // The product of two floats is exact in double. The sum is rounded to odd (Boldo and Melquiond), which makes the second
  // rounding, to float, harmless.
  const double product = static_cast<double>(a) * b;
  const double sum = product + c;
  const double part = sum - product;
  const double error = (product - (sum - part)) + (c - part);
  uint64_t bits;
  __builtin_memcpy(&bits, &sum, 8);
  const bool finite = (bits & 0x7FF0000000000000u) != 0x7FF0000000000000u;
  if (!finite || error == 0 || (bits & 1) != 0) return static_cast<float>(sum);
  bits = (error > 0) == (sum > 0) ? bits + 1 : bits - 1;
  double odd;
  __builtin_memcpy(&odd, &bits, 8);
  return static_cast<float>(odd);
#endif
}

// Bounds of an activation; NaN passes.
[[maybe_unused]] inline float clamp(float x, float lo, float hi) {
  x = x < lo ? lo : x;
  return x > hi ? hi : x;
}

// The shared end of every path to a code: clamp in float (NaN becomes lo), round half to even, add the zero point.
[[maybe_unused]] inline uint8_t to_code(float t, float lo, float hi, int32_t zero_point) {
  t = t > lo ? t : lo;
  t = t < hi ? t : hi;
  return static_cast<uint8_t>(rint(t) + zero_point);
}

[[maybe_unused]] inline uint8_t quantize(float x, const OctetQuantizeParams& p) {
  return to_code(p.divide ? x / p.factor : x * p.factor, p.lo, p.hi, p.zero_point);
}

}  // namespace scalar
}  // namespace

#endif  // OCTET_KERNELS_SCALAR_H_
