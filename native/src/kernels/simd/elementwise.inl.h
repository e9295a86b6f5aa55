// The elementwise kernels over the traits V of the ISA that includes this. The last, incomplete block goes through
// buffers of a block's size, so that there is one body for all sizes and nothing is touched outside the n elements.
#include <stddef.h>

#include "kernels/elementwise.h"
#include "kernels/simd/functions.inl.h"
#include "octet/octet_kinds.h"

namespace {

constexpr int kBlock = 4 * V::kLanes;

template <typename T>
inline void copy(T* to, const T* from, int64_t n) {
  __builtin_memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
}

// body(x, out) over kBlock elements.
template <typename X, typename Y, typename Body>
inline void for_blocks(const X* x, int64_t n, Y* out, const Body& body) {
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) body(x + i, out + i);
  if (i == n) return;
  X tail[kBlock] = {};
  Y result[kBlock];
  copy(tail, x + i, n - i);
  body(tail, result);
  copy(out + i, result, n - i);
}

// body(a, b, out) over kBlock elements.
template <typename X, typename Y, typename Body>
inline void for_blocks(const X* a, const X* b, int64_t n, Y* out, const Body& body) {
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) body(a + i, b + i, out + i);
  if (i == n) return;
  X tail_a[kBlock] = {}, tail_b[kBlock] = {};
  Y result[kBlock];
  copy(tail_a, a + i, n - i);
  copy(tail_b, b + i, n - i);
  body(tail_a, tail_b, result);
  copy(out + i, result, n - i);
}

// Clamp (NaN becomes lo), round half to even, add the zero point.
struct ToCode {
  V::F lo, hi;
  V::I zero_point;

  ToCode(float low, float high, int32_t zp) : lo(V::set(low)), hi(V::set(high)), zero_point(V::set(zp)) {}

  V::I operator()(V::F t) const { return V::add(V::to_int(V::min(V::max(t, lo), hi)), zero_point); }
};

// The same for kBlock numbers at once, step(0) .. step(3): they are rounded and then clamped as words.
struct ToCodes : ToCode {
  V::I low, zero_words;

  ToCodes(float smallest, float largest, int32_t zp)
      : ToCode(smallest, largest, zp),
        low(V::set_words(static_cast<int16_t>(smallest))),
        zero_words(V::set_words(static_cast<int16_t>(zp))) {}

  template <typename Step>
  void store(uint8_t* out, const Step& step) const {
    const V::I left = words(step(0), step(V::kLanes));
    const V::I right = words(step(2 * V::kLanes), step(3 * V::kLanes));
    V::store_low_bytes(out, left, right);
  }
  V::I words(V::F a, V::F b) const { return V::add_words(V::bounded_words(a, b, lo, hi, low), zero_words); }
};

template <bool kDivide>
inline void quantize(const float* x, int64_t n, const OctetQuantizeParams* p, uint8_t* out) {
  const ToCodes codes(p->lo, p->hi, p->zero_point);
  const V::F factor = V::set(p->factor);
  for_blocks(x, n, out, [&](const float* from, uint8_t* to) {
    codes.store(to, [&](int i) {
      const V::F v = V::load(from + i);
      return kDivide ? V::div(v, factor) : V::mul(v, factor);
    });
  });
}

inline void OCTET_SYMBOL(quantize_f32)(const float* x, int64_t n, const OctetQuantizeParams* p, uint8_t* out) {
  p->divide ? quantize<true>(x, n, p, out) : quantize<false>(x, n, p, out);
}

template <typename T>
inline V::F real(const uint8_t* code, V::I zero_point) {
  return V::to_float(V::sub(V::widen(reinterpret_cast<const T*>(code)), zero_point));
}

template <typename T>
void dequantize(const uint8_t* x, int64_t n, float scale, int32_t zero_point, float* out) {
  const V::F s = V::set(scale);
  const V::I zp = V::set(zero_point);
  for_blocks(x, n, out, [&](const uint8_t* from, float* to) {
#pragma GCC unroll 4
    for (int i = 0; i < kBlock; i += V::kLanes) V::store(to + i, V::mul(real<T>(from + i, zp), s));
  });
}

template <typename T>
void add_q8(const uint8_t* a, const uint8_t* b, int64_t n, const OctetAddParams* p, uint8_t* out) {
  const ToCodes codes(p->lo, p->hi, p->zero_point);
  const V::F sa = V::set(p->scale_a), sb = V::set(p->scale_b), inv = V::set(p->inv_out_scale);
  const V::I za = V::set(p->zero_point_a), zb = V::set(p->zero_point_b);
  for_blocks(a, b, n, out, [&](const uint8_t* from_a, const uint8_t* from_b, uint8_t* to) {
    codes.store(to, [&](int i) {
      const V::F sum = V::add(V::mul(real<T>(from_a + i, za), sa), V::mul(real<T>(from_b + i, zb), sb));
      return V::mul(sum, inv);
    });
  });
}

template <typename T>
void mul_q8(const uint8_t* a, const uint8_t* b, int64_t n, const OctetMulParams* p, uint8_t* out) {
  const ToCodes codes(p->lo, p->hi, p->zero_point);
  const V::F multiplier = V::set(p->multiplier);
  const V::I za = V::set(p->zero_point_a), zb = V::set(p->zero_point_b);
  for_blocks(a, b, n, out, [&](const uint8_t* from_a, const uint8_t* from_b, uint8_t* to) {
    codes.store(to, [&](int i) {
      // The product of two differences is below 2^17: exact in float, so the product may be one of floats.
      return V::mul(V::mul(real<T>(from_a + i, za), real<T>(from_b + i, zb)), multiplier);
    });
  });
}

// ---- float ------------------------------------------------------------------------------------------------------

template <typename Function>
inline void map(const Function& function, const float* x, int64_t n, float lo, float hi, float* out) {
  const Wide::F low = Wide::set(lo), high = Wide::set(hi);
  for_blocks(x, n, out, [&](const float* from, float* to) OCTET_INLINE {
    Wide::store(to, clamp<Wide>(function.template of<Wide>(Wide::load(from)), low, high));
  });
}

inline void OCTET_SYMBOL(unary_f32)(const float* x, int64_t n, const OctetUnaryParams* p, float* out) {
  const float lo = p->lo, hi = p->hi, alpha = p->alpha, beta = p->beta;
  switch (p->function) {
    case OCTET_HARDSWISH:
      return map(Hardswish(), x, n, lo, hi, out);
    case OCTET_HARDSIGMOID:
      return map(Hardsigmoid(), x, n, lo, hi, out);
    case OCTET_SIGMOID:
      return map(Sigmoid(), x, n, lo, hi, out);
    case OCTET_TANH:
      return map(Tanh(), x, n, lo, hi, out);
    case OCTET_GELU:
      return map(Gelu(), x, n, lo, hi, out);
    case OCTET_GELU_TANH:
      return map(GeluTanh(), x, n, lo, hi, out);
    case OCTET_ELU:
      return map(Elu{alpha, beta}, x, n, lo, hi, out);
    case OCTET_LEAKY_RELU:
      return map(LeakyRelu{alpha}, x, n, lo, hi, out);
    case OCTET_THRESHOLD:
      return map(Threshold{alpha, beta}, x, n, lo, hi, out);
    default:
      return map(Clamp(), x, n, lo, hi, out);
  }
}

template <bool kMultiply>
inline void binary(const float* a, const float* b, int64_t n, float lo, float hi, float* out) {
  const V::F low = V::set(lo), high = V::set(hi);
  for_blocks(a, b, n, out, [&](const float* from_a, const float* from_b, float* to) {
    for (int i = 0; i < kBlock; i += V::kLanes) {
      const V::F x = V::load(from_a + i), y = V::load(from_b + i);
      V::store(to + i, clamp(kMultiply ? V::mul(x, y) : V::add(x, y), low, high));
    }
  });
}

inline void OCTET_SYMBOL(add_f32)(const float* a, const float* b, int64_t n, float lo, float hi, float* out) {
  binary<false>(a, b, n, lo, hi, out);
}

inline void OCTET_SYMBOL(mul_f32)(const float* a, const float* b, int64_t n, float lo, float hi, float* out) {
  binary<true>(a, b, n, lo, hi, out);
}

inline void OCTET_SYMBOL(fake_quantize_f32)(const float* x, int64_t n, const OctetFakeQuantizeParams* p, float* out) {
  const ToCode to_code(p->lo, p->hi, 0);
  const V::F inverse = V::set(p->inverse), scale = V::set(p->scale);
  for_blocks(x, n, out, [&](const float* from, float* to) {
    for (int i = 0; i < kBlock; i += V::kLanes) {
      V::store(to + i, V::mul(V::to_float(to_code(V::mul(V::load(from + i), inverse))), scale));
    }
  });
}

inline void OCTET_SYMBOL(fake_quantize_grad_f32)(const float* x, const float* gradient, int64_t n,
                                                 const OctetFakeQuantizeParams* p, float* out) {
  // Of integers, lo <= r is lo - 1 < r; NaN is in neither.
  const V::F below = V::set(p->lo - 1.0f), above = V::set(p->hi + 1.0f), inverse = V::set(p->inverse);
  const V::F zero = V::set(0.0f);
  for_blocks(x, gradient, n, out, [&](const float* from, const float* g, float* to) {
    for (int i = 0; i < kBlock; i += V::kLanes) {
      const V::F r = V::round_even(V::mul(V::load(from + i), inverse));
      V::store(to + i, V::select_less(below, r, V::select_less(r, above, V::load(g + i), zero), zero));
    }
  });
}

inline void affine_row(const float* x, int64_t n, const float* alpha, const float* beta, V::F lo, V::F hi, float* out) {
  int64_t i = 0;
  for (; i + V::kLanes <= n; i += V::kLanes) {
    V::store(out + i, clamp(V::add(V::mul(V::load(x + i), V::load(alpha + i)), V::load(beta + i)), lo, hi));
  }
  if (i == n) return;
  const int rest = static_cast<int>(n - i);
  const V::F zero = V::set(0.0f);
  const V::F product = V::mul(V::load_first(x + i, rest, zero), V::load_first(alpha + i, rest, zero));
  V::store_first(out + i, clamp(V::add(product, V::load_first(beta + i, rest, zero)), lo, hi), rest);
}

inline void OCTET_SYMBOL(affine_f32)(const float* x, int64_t rows, int64_t channels, const float* alpha,
                                     const float* beta, float lo, float hi, float* out) {
  const V::F low = V::set(lo), high = V::set(hi);
  for (int64_t r = 0; r < rows; r++) affine_row(x + r * channels, channels, alpha, beta, low, high, out + r * channels);
}

// step(codes, first, count): the numbers to store, on the way to a code, for `count` codes (kLanes, or fewer at the end) from
// place `first` on.
template <typename T, typename Step>
inline void for_codes(const ToCodes& codes, const uint8_t* x, int64_t n, uint8_t* out, const Step& step) {
  constexpr int kLanes = V::kLanes;
  const auto at = [&](int64_t i) { return step(V::widen(reinterpret_cast<const T*>(x + i)), i, kLanes); };
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) codes.store(out + i, [&](int k) { return at(i + k); });
  for (; i + kLanes <= n; i += kLanes) V::store_codes(out + i, codes(at(i)));
  if (i == n) return;
  const int rest = static_cast<int>(n - i);
  const V::I tail = V::widen_first(reinterpret_cast<const T*>(x + i), rest);
  V::store_codes_first(out + i, codes(step(tail, i, rest)), rest);
}

// kLanes floats, or fewer.
inline V::F some(const float* p, int count) {
  return count == V::kLanes ? V::load(p) : V::load_first(p, count, V::set(0.0f));
}

template <typename T>
void affine_q8(const uint8_t* x, int64_t rows, int64_t channels, const OctetAffineQ8Params* p, uint8_t* out) {
  const V::I zero_point = V::set(p->zero_point_in);
  const ToCodes to_codes(p->lo, p->hi, p->zero_point);
  for (int64_t r = 0; r < rows; r++) {
    for_codes<T>(to_codes, x + r * channels, channels, out + r * channels, [&](V::I codes, int64_t c, int count) {
      const V::F real = V::to_float(V::sub(codes, zero_point));
      return V::add(V::mul(real, some(p->alpha + c, count)), some(p->beta + c, count));
    });
  }
}

template <typename T>
int32_t code_sum(const uint8_t* x, int64_t n) {
  const T* codes = reinterpret_cast<const T*>(x);
  V::I sums[2] = {V::set(0), V::set(0)};
  int64_t i = 0;
  for (; i + 2 * V::kLanes <= n; i += 2 * V::kLanes) {
    sums[0] = V::add(sums[0], V::widen(codes + i));
    sums[1] = V::add(sums[1], V::widen(codes + i + V::kLanes));
  }
  sums[0] = V::add(sums[0], sums[1]);
  uint32_t lanes[V::kLanes], sum = 0;
  __builtin_memcpy(lanes, &sums[0], sizeof lanes);
  for (const uint32_t lane : lanes) sum += lane;
  for (; i < n; i++) sum += static_cast<uint32_t>(codes[i]);
  return static_cast<int32_t>(sum);
}

}  // namespace
