// Vector traits for the shared float kernels.
#ifndef OCTET_KERNELS_AVX512VNNI_FLOATS_H_
#define OCTET_KERNELS_AVX512VNNI_FLOATS_H_

#include <immintrin.h>
#include <stdint.h>

#include "kernels/gemm_tiles.h"

namespace {

struct Zmm {
  using F = __m512;
  using I = __m512i;
  // kLanes signed bytes; the signed halves of them.
  static I codes(const uint8_t* p) {
    return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static I low_nibbles(I x) { return _mm512_srai_epi32(_mm512_slli_epi32(x, 28), 28); }
  static I high_nibbles(I x) { return _mm512_srai_epi32(x, 4); }
  static F to_float(I x) { return _mm512_cvtepi32_ps(x); }
  static constexpr int kLanes = 16;
  static F zero() { return _mm512_setzero_ps(); }
  static F set1(float x) { return _mm512_set1_ps(x); }
  static F broadcast(const uint8_t* p) { return _mm512_castsi512_ps(_mm512_set1_epi32(load32(p))); }
  static F load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, F x) { _mm512_storeu_ps(p, x); }
  static void store_first(float* p, F x, int n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), x); }
  static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F add(F a, F b) { return _mm512_add_ps(a, b); }
  static F max(F a, F b) { return _mm512_max_ps(a, b); }
  static F min(F a, F b) { return _mm512_min_ps(a, b); }
};

}  // namespace

#endif  // OCTET_KERNELS_AVX512VNNI_FLOATS_H_
