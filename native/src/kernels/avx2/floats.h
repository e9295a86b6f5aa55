// Vector traits for the shared float kernels.
#ifndef OCTET_KERNELS_AVX2_FLOATS_H_
#define OCTET_KERNELS_AVX2_FLOATS_H_

#include <immintrin.h>
#include <stdint.h>

#include "kernels/gemm_tiles.h"

namespace {

struct Ymm {
  using F = __m256;
  using I = __m256i;
  // kLanes signed bytes; the signed halves of them.
  static I codes(const uint8_t* p) {
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  }
  static I low_nibbles(I x) { return _mm256_srai_epi32(_mm256_slli_epi32(x, 28), 28); }
  static I high_nibbles(I x) { return _mm256_srai_epi32(x, 4); }
  static F to_float(I x) { return _mm256_cvtepi32_ps(x); }
  static constexpr int kLanes = 8;
  static F zero() { return _mm256_setzero_ps(); }
  static F set1(float x) { return _mm256_set1_ps(x); }
  static F broadcast(const uint8_t* p) { return _mm256_castsi256_ps(_mm256_set1_epi32(load32(p))); }
  static F load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, F x) { _mm256_storeu_ps(p, x); }
  static void store_first(float* p, F x, int n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_maskstore_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane), x);
  }
  static F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  static F add(F a, F b) { return _mm256_add_ps(a, b); }
  static F max(F a, F b) { return _mm256_max_ps(a, b); }
  static F min(F a, F b) { return _mm256_min_ps(a, b); }
};

}  // namespace

#endif  // OCTET_KERNELS_AVX2_FLOATS_H_
