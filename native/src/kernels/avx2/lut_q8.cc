// Sixteen tables of sixteen bytes, all of them asked: a code less 16 * i is below 16 for the one that has its entry, and
// with 0x70 added, saturating, has its sign bit set for all others, which makes a shuffle give 0.
#include <immintrin.h>

#include "kernels/elementwise.h"

namespace {

void octet_lut_q8_128__avx2(const uint8_t* x, int64_t n, const uint8_t* table, uint8_t* out) {
  const __m256i sixteen = _mm256_set1_epi8(16), bias = _mm256_set1_epi8(0x70);
  int64_t i = 0;
  for (; i + 128 <= n; i += 128) {
    __m256i code[4], y[4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) {
      code[k] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + i + 32 * k));
      y[k] = _mm256_setzero_si256();
    }
#pragma GCC unroll 16
    for (int t = 0; t < 16; t++) {
      const __m256i part =
          _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table + 16 * t)));
#pragma GCC unroll 4
      for (int k = 0; k < 4; k++) {
        y[k] = _mm256_or_si256(y[k], _mm256_shuffle_epi8(part, _mm256_adds_epu8(code[k], bias)));
        code[k] = _mm256_sub_epi8(code[k], sixteen);
      }
    }
#pragma GCC unroll 4
    for (int k = 0; k < 4; k++) _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i + 32 * k), y[k]);
  }
  for (; i < n; i++) out[i] = table[x[i]];
}

}  // namespace

extern "C" const LutQ8Kernel octet_lut_q8__avx2 = {octet_lut_q8_128__avx2};
