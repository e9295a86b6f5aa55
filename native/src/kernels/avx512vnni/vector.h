// The vector traits of AVX-512 (F, BW, DQ, VL), for kernels/simd/*.inl.h: see avx2/vector.h.
#ifndef OCTET_KERNELS_AVX512VNNI_VECTOR_H_
#define OCTET_KERNELS_AVX512VNNI_VECTOR_H_

#include <immintrin.h>
#include <stdint.h>

#include "kernels/simd/bytes_x86.h"

#define OCTET_SYMBOL(name) octet_##name##_16__avx512vnni

namespace {

struct V : Bytes64 {
  static constexpr int kLanes = 16;

  static F load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, F v) { _mm512_storeu_ps(p, v); }
  static F load_first(const float* p, int n, F fill) {
    return _mm512_mask_loadu_ps(fill, static_cast<__mmask16>((1u << n) - 1), p);
  }
  static void store_first(float* p, F v, int n) { _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v); }
  static F div(F a, F b) { return _mm512_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F sqrt(F v) { return _mm512_sqrt_ps(v); }
  static F round_even(F v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static F negate(F v) { return _mm512_xor_ps(v, set(-0.0f)); }
  static F select_less(F a, F b, F x, F y) { return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x); }
  static F select_nan(F v, F x, F y) { return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), y, x); }

  // Where a or b is NaN.
  using Mask = __mmask16;
  static Mask either_nan(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q); }
  static Mask either(Mask a, Mask b) { return _kor_mask16(a, b); }
  static F select(Mask mask, F x, F y) { return _mm512_mask_blend_ps(mask, y, x); }

  using Bytes64::mul;
  static I mul(I a, I b) { return _mm512_mullo_epi32(a, b); }
  static I to_int(F v) { return _mm512_cvtps_epi32(v); }
  static F exponent(I n) { return _mm512_castsi512_ps(_mm512_slli_epi32(n, 23)); }

  static I widen(const uint8_t* p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static I widen(const int8_t* p) { return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
  static I widen_first(const uint8_t* p, int n) {
    return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << n) - 1), p));
  }
  static I widen_first(const int8_t* p, int n) {
    return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << n) - 1), p));
  }
  static void store_codes(uint8_t* p, I v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(v)); }
  static void store_codes(uint8_t* p, I a, I b, I c, I d) {
    store_codes(p, a);
    store_codes(p + 16, b);
    store_codes(p + 32, c);
    store_codes(p + 48, d);
  }

  static float min_lane(F v) { return _mm512_reduce_min_ps(v); }
  static float max_lane(F v) { return _mm512_reduce_max_ps(v); }
  static float sum_lanes(F v) {
    const __m256 h = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    q = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
  }
};

// For layers of fewer channels than V has bytes.
using Half = Bytes32;

}  // namespace

#endif  // OCTET_KERNELS_AVX512VNNI_VECTOR_H_
