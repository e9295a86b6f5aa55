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

// e^x = (1 + part) * power, the part being e^r - 1 for an |r| below 0.35. x is not NaN.
struct Exponential {
  float part, power;
};

[[maybe_unused]] inline Exponential split_exp(float x) {
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
  return {fma(p, r * r, r), exp2i(n)};
}

[[maybe_unused]] inline float exp(float x) {
  if (x != x) return x;
  const Exponential e = split_exp(x);
  return (e.part + 1.0f) * e.power;
}

// e^x - 1, without cancellation around 0.
[[maybe_unused]] inline float expm1(float x) {
  if (x != x) return x;
  const Exponential e = split_exp(x);
  return fma(e.part, e.power, e.power - 1.0f);
}

// exp with a true zero: what a softmax leaves of an element far below the largest.
[[maybe_unused]] inline float exp_or_zero(float x) { return x < -87.33654f ? 0.0f : exp(x); }

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

// x * Phi(x), Phi being the normal distribution: with a = min(|x|, 8) its lower tail is e = exp(a * P(a)) / 2.
[[maybe_unused]] inline float gelu(float x) {
  float a = x < 0 ? -x : x;
  a = a > 8.0f ? 8.0f : a;
  float p = 8.412364693732854e-10f;
  p = fma(p, a, -3.7207513514658785e-08f);
  p = fma(p, a, 7.14069585683319e-07f);
  p = fma(p, a, -7.737300620647147e-06f);
  p = fma(p, a, 5.057461385149509e-05f);
  p = fma(p, a, -0.00017926693544723094f);
  p = fma(p, a, -3.810340422205627e-05f);
  p = fma(p, a, 0.00486776465550065f);
  p = fma(p, a, -0.03638741001486778f);
  p = fma(p, a, -0.3182949423789978f);
  p = fma(p, a, -0.7978860139846802f);
  const float e = exp(p * a) * 0.5f;
  return x < 0 ? -(a * e) : x * (1.0f - e);
}

// x / (1 + e^-u), u = 2 sqrt(2 / pi) (x + 0.044715 x^3); below -10 it is that of -10, which is nothing.
[[maybe_unused]] inline float gelu_tanh(float x) {
  x = x < -10.0f ? -10.0f : x;
  const float u = x * fma(x * x, 0.0713548163f, 1.59576912f);
  return x / (1.0f + exp(-u));
}

[[maybe_unused]] inline float elu(float x, float alpha, float beta) { return x > 0 ? x : alpha * expm1(x * beta); }

// Of 16 lanes: the upper half to the lower, until one is left.
[[maybe_unused]] inline float sum(float* lanes) {
  for (int n = 8; n > 0; n /= 2) {
    for (int i = 0; i < n; i++) lanes[i] += lanes[i + n];
  }
  return lanes[0];
}

// From the sums of n codes less their zero point, and of the squares. n <= 2^22: the integers below are exact.
struct Normalizer {
  float mean, rstd;
};

[[maybe_unused]] inline Normalizer normalizer(int64_t n, int64_t sum, int64_t squares, float scale, float eps) {
  const double count = static_cast<double>(n), s = scale;
  const double spread = static_cast<double>(n * squares - sum * sum);
  const double variance = spread / (count * count) * s * s;
  return {static_cast<float>(static_cast<double>(sum) / count),
          static_cast<float>(s / __builtin_sqrt(variance + static_cast<double>(eps)))};
}

}  // namespace scalar
}  // namespace

#endif  // OCTET_KERNELS_SCALAR_H_
