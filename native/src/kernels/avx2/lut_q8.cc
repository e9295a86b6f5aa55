// Sixteen tables of sixteen bytes, all of them asked: a code less 16 * i is below 16 for the one that has its entry, and
// with 0x70 added, saturating, has its sign bit set for all others, which makes a shuffle give 0.
#include <immintrin.h>

#include "kernels/elementwise.h"

namespace {

// kCount registers of codes.
template <int kCount>
inline void look_up(const uint8_t* x, const uint8_t* table, uint8_t* out) {
  const __m256i sixteen = _mm256_set1_epi8(16), bias = _mm256_set1_epi8(0x70);
  __m256i code[kCount], y[kCount];
#pragma GCC unroll 4
  for (int k = 0; k < kCount; k++) {
    code[k] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + 32 * k));
    y[k] = _mm256_setzero_si256();
  }
#pragma GCC unroll 16
  for (int t = 0; t < 16; t++) {
    const __m256i part = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * t)));
#pragma GCC unroll 4
    for (int k = 0; k < kCount; k++) {
      y[k] = _mm256_or_si256(y[k], _mm256_shuffle_epi8(part, _mm256_adds_epu8(code[k], bias)));
      code[k] = _mm256_sub_epi8(code[k], sixteen);
    }
  }
#pragma GCC unroll 4
  for (int k = 0; k < kCount; k++) _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 32 * k), y[k]);
}

void octet_lut_q8_128__avx2(const uint8_t* x, int64_t rows, int64_t n, const uint8_t* table, uint8_t* out,
                            int64_t out_stride) {
  for (int64_t r = 0; r < rows; r++, x += n, out += out_stride) {
    int64_t i = 0;
    for (; i + 128 <= n; i += 128) look_up<4>(x + i, table, out + i);
    for (; i + 32 <= n; i += 32) look_up<1>(x + i, table, out + i);
    for (; i < n; i++) out[i] = table[x[i]];
  }
}

}  // namespace

extern "C" const LutQ8Kernel octet_lut_q8__avx2 = {octet_lut_q8_128__avx2};
