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

// Of 32 bytes; most registers have them all.
__attribute__((noinline)) inline void store_part(__m256i q, int n, uint8_t* out) {
  if (n >= 16) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(q));
    store_tail(out + 16, _mm256_extracti128_si256(q, 1), n - 16);
  } else {
    store_tail(out, _mm256_castsi256_si128(q), n);
  }
}

// What the end of an 8-bit kernel needs, read once: a store of codes may alias the band.
template <int NV>
struct Requantizer {
  __m256 multiplier[NV], lo, hi;
  __m256i zero_point;
  __m128i flip;
  int columns;

  // Band: GemmBand or another with the same fields.
  template <typename Band>
  explicit Requantizer(const Band& g)
      : lo(_mm256_set1_ps(static_cast<float>(g.qmin - g.zero_point))),
        hi(_mm256_set1_ps(static_cast<float>(g.qmax - g.zero_point))),
        zero_point(_mm256_set1_epi16(static_cast<short>(g.zero_point))),
        flip(_mm_set1_epi8(static_cast<char>(g.out_flip))),
        columns(g.columns) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) multiplier[v] = _mm256_loadu_ps(g.multiplier + 8 * v);
  }
};

// The sums of register v times their factors, bounded and rounded.
template <int NV>
inline __m256i requantize(const Requantizer<NV>& g, __m256i sums, int v) {
  const __m256 f = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), g.multiplier[v]);
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(f, g.lo), g.hi));
}

// Requantizes NV registers of sums to at most 8 * NV codes. The columns stand in the order of pack/panels.h.
template <int NV>
inline void store_q8(const Requantizer<NV>& g, const __m256i* acc, uint8_t* out) {
  __m256i t[2];
#pragma GCC unroll 2
  for (int v = 0; v < NV; ++v) t[v] = requantize(g, acc[v], v);
  if (NV == 1) t[1] = t[0];
  __m256i p = _mm256_add_epi16(_mm256_packs_epi32(t[0], t[1]), g.zero_point);
  p = _mm256_packus_epi16(p, p);
  const __m128i low = _mm256_castsi256_si128(p), high = _mm256_extracti128_si256(p, 1);
  __m128i q = NV == 2 ? _mm_unpacklo_epi64(low, high) : _mm_unpacklo_epi32(low, high);
  q = _mm_xor_si128(q, g.flip);
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
