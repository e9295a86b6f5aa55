#ifndef OCTET_KERNELS_AVX2_STORE_Q8_H_
#define OCTET_KERNELS_AVX2_STORE_Q8_H_

#include <immintrin.h>
#include <stdint.h>

namespace {

// The first n bytes, nothing past them.
inline void store_tail(uint8_t* out, __m128i q, int n) {
  uint8_t bytes[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes), q);
  for (int i = 0; i < n; ++i) out[i] = bytes[i];
}

// Requantizes NV registers of sums to at most 8 * NV codes. Band: GemmBand or another with the same fields. `permuted`: the
// columns stand in the order of pack/panels.h.
template <int NV, bool permuted = true, typename Band>
inline void store_q8(const Band& g, const __m256i* acc, uint8_t* out) {
  const __m256 lo = _mm256_set1_ps(static_cast<float>(g.qmin - g.zero_point));
  const __m256 hi = _mm256_set1_ps(static_cast<float>(g.qmax - g.zero_point));
  __m256i t[2];
#pragma GCC unroll 2
  for (int v = 0; v < NV; ++v) {
    __m256 f = _mm256_mul_ps(_mm256_cvtepi32_ps(acc[v]), _mm256_loadu_ps(g.multiplier + 8 * v));
    f = _mm256_min_ps(_mm256_max_ps(f, lo), hi);
    t[v] = _mm256_cvtps_epi32(f);
  }
  if (NV == 1) t[1] = t[0];
  __m256i p = _mm256_add_epi16(_mm256_packs_epi32(t[0], t[1]), _mm256_set1_epi16(static_cast<short>(g.zero_point)));
  if (!permuted) p = _mm256_permute4x64_epi64(p, 0xD8);
  p = _mm256_packus_epi16(p, p);
  const __m128i low = _mm256_castsi256_si128(p), high = _mm256_extracti128_si256(p, 1);
  __m128i q = NV == 2 ? _mm_unpacklo_epi64(low, high) : _mm_unpacklo_epi32(low, high);
  q = _mm_xor_si128(q, _mm_set1_epi8(static_cast<char>(g.out_flip)));
  if (g.columns == 16) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), q);
  } else if (g.columns == 8) {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), q);
  } else {
    store_tail(out, q, g.columns);
  }
}

}  // namespace

#endif  // OCTET_KERNELS_AVX2_STORE_Q8_H_
