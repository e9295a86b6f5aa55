#ifndef OCTET_KERNELS_AVX512VNNI_STORE_Q8_H_
#define OCTET_KERNELS_AVX512VNNI_STORE_Q8_H_

#include <immintrin.h>
#include <stdint.h>

namespace {

// What the end of an 8-bit kernel needs, read once: a store of codes may alias the band.
template <int NV>
struct Requantizer {
  __m512 multiplier[NV];
  __m512i zero_point, lo, hi, flip;
  int columns;

  // Band: GemmBand or another with the same fields.
  template <typename Band>
  explicit Requantizer(const Band& g)
      : zero_point(_mm512_set1_epi16((short)g.zero_point)),
        lo(_mm512_set1_epi8((char)g.qmin)),
        hi(_mm512_set1_epi8((char)g.qmax)),
        flip(_mm512_set1_epi8((char)g.out_flip)),
        columns(g.columns) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) multiplier[v] = _mm512_loadu_ps(g.multiplier + 16 * v);
  }
};

// Requantizes NV registers of sums; the packs work within lanes. `bounds` {qmin, qmax} - zero point where the product may
// leave the int32 range; null otherwise. kPlain: all codes of u8, whose bounds the packs keep.
template <int NV, bool kPlain = false>
inline __m512i requantize(const Requantizer<NV>& g, const __m512i* acc, const float* bounds) {
  __m512i t[NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    __m512 f = _mm512_mul_ps(_mm512_cvtepi32_ps(acc[v]), g.multiplier[v]);
    if (bounds) f = _mm512_min_ps(_mm512_max_ps(f, _mm512_set1_ps(bounds[0])), _mm512_set1_ps(bounds[1]));
    t[v] = _mm512_cvtps_epi32(f);
  }
  const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(t[0], t[NV > 1 ? 1 : 0]), g.zero_point);
  const __m512i high =
      NV > 2 ? _mm512_adds_epi16(_mm512_packs_epi32(t[NV > 2 ? 2 : 0], t[NV > 3 ? 3 : NV - 1]), g.zero_point) : low;
  __m512i q = _mm512_packus_epi16(low, high);
  if (kPlain) return q;
  q = _mm512_max_epu8(q, g.lo);
  q = _mm512_min_epu8(q, g.hi);
  return _mm512_xor_si512(q, g.flip);
}

// At most 16 * NV codes in order.
template <int NV>
inline void store_q8(const Requantizer<NV>& g, const __m512i* acc, uint8_t* out, const float* bounds) {
  __m512i q = requantize<NV>(g, acc, bounds);
  if (NV == 4) {
    if (g.columns == 64) {
      _mm512_storeu_si512(out, q);
      return;
    }
  } else if (NV == 3) {
    q = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0), q);
    if (g.columns == 48) {
      _mm256_storeu_si256((__m256i*)out, _mm512_castsi512_si256(q));
      _mm_storeu_si128((__m128i*)(out + 32), _mm512_extracti32x4_epi32(q, 2));
      return;
    }
  } else if (NV == 2) {
    q = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 0, 0, 0, 0), q);
    if (g.columns == 32) {
      _mm256_storeu_si256((__m256i*)out, _mm512_castsi512_si256(q));
      return;
    }
  } else {
    q = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), q);
    if (g.columns == 16) {
      _mm_storeu_si128((__m128i*)out, _mm512_castsi512_si128(q));
      return;
    }
  }
  _mm512_mask_storeu_epi8(out, ~0ull >> (64 - g.columns), q);
}

// MR rows whose bounds are those of u8, which the packs keep: without a branch, one row after the other; narrow panels
// fill a register with several rows.
template <int MR, int NV>
inline void store_plain(const Requantizer<NV>& g, const __m512i (*acc)[NV], uint8_t* const* outs) {
  constexpr int kRows = NV == 1 ? 4 : NV == 2 ? 2 : 1;  // in a register
  const __mmask64 mask = ~0ull >> (64 - g.columns);
#pragma GCC unroll 8
  for (int m = 0; m < MR; m += kRows) {
    __m512i t[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      const int row = m + (NV < 3 ? i / NV : 0), v = NV < 3 ? i % NV : i;
      if (v >= NV) break;
      const __m512i sum = acc[row < MR ? row : MR - 1][v];
      t[i] = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), g.multiplier[v]));
    }
    const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(t[0], t[1]), g.zero_point);
    const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(t[2], t[NV == 3 ? 2 : 3]), g.zero_point);
    __m512i q = _mm512_packus_epi16(low, high);
    if (NV == 4) {
      _mm512_mask_storeu_epi8(outs[m], mask, q);
    } else if (NV == 3) {
      q = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0), q);
      _mm512_mask_storeu_epi8(outs[m], mask, q);
    } else if (NV == 2) {
      const __mmask32 half = (__mmask32)mask;
      q = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), q);
      _mm256_mask_storeu_epi8(outs[m], half, _mm512_castsi512_si256(q));
      if (m + 1 < MR) _mm256_mask_storeu_epi8(outs[m + 1], half, _mm512_extracti64x4_epi64(q, 1));
    } else {
      const __mmask16 quarter = (__mmask16)mask;
      q = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), q);
      _mm_mask_storeu_epi8(outs[m], quarter, _mm512_castsi512_si128(q));
      if (m + 1 < MR) _mm_mask_storeu_epi8(outs[m + 1], quarter, _mm512_extracti32x4_epi32(q, 1));
      if (m + 2 < MR) _mm_mask_storeu_epi8(outs[m + 2], quarter, _mm512_extracti32x4_epi32(q, 2));
      if (m + 3 < MR) _mm_mask_storeu_epi8(outs[m + 3], quarter, _mm512_extracti32x4_epi32(q, 3));
    }
  }
}

}  // namespace

#endif  // OCTET_KERNELS_AVX512VNNI_STORE_Q8_H_
