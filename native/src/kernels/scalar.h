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
  // The product of two floats is exact in double. The sum is rounded to odd (Boldo and Melquiond), which makes the
  // second rounding, to float, harmless.
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

// 2^n, -126 <= n <= 127.
[[maybe_unused]] inline float exp2i(int32_t n) {
  const uint32_t bits = static_cast<uint32_t>(n + 127) << 23;
  float value;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}

[[maybe_unused]] inline float exp(float x) {
  if (x != x) return x;
  x = clamp(x, -87.33654f, 88.37626f);
  const int32_t n = rint(x * 1.44269504f);
  float r = fma(static_cast<float>(n), -0.693145752f, x);
  r = fma(static_cast<float>(n), -1.42860677e-6f, r);
  float p = 1.98756915e-4f;
  p = fma(p, r, 1.39819995e-3f);
  p = fma(p, r, 8.33345190e-3f);
  p = fma(p, r, 4.16657962e-2f);
  p = fma(p, r, 1.66666657e-1f);
  p = fma(p, r, 5.00000000e-1f);
  p = fma(p, r * r, r);
  return (p + 1.0f) * exp2i(n);
}

[[maybe_unused]] inline float sigmoid(float x) { return 1.0f / (1.0f + exp(-x)); }

[[maybe_unused]] inline float tanh(float x) {
  const float a = x < 0 ? -x : x;
  if (a < 0.625f) {
    const float z = x * x;
    float p = -5.70498872745e-3f;
    p = fma(p, z, 2.06390887954e-2f);
    p = fma(p, z, -5.37397155531e-2f);
    p = fma(p, z, 1.33314422036e-1f);
    p = fma(p, z, -3.33332819422e-1f);
    return fma(p * z, x, x);
  }
  const float y = 1.0f - 2.0f / (exp(a + a) + 1.0f);
  return x < 0 ? -y : y;
}

}  // namespace scalar
}  // namespace

#endif  // OCTET_KERNELS_SCALAR_H_
