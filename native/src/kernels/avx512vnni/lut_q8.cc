// The table as 128 words in four registers: two looks at 64 words each, of which the code's low bit picks a half.
#include <immintrin.h>

#include "kernels/elementwise.h"

namespace {

inline __m256i look_up(__m256i codes, const __m512i* part) {
  const __m512i code = _mm512_cvtepu8_epi16(codes), word = _mm512_srli_epi16(code, 1);
  const __m512i low = _mm512_permutex2var_epi16(part[0], word, part[1]);
  const __m512i high = _mm512_permutex2var_epi16(part[2], word, part[3]);
  const __m512i found = _mm512_mask_blend_epi16(_mm512_test_epi16_mask(code, _mm512_set1_epi16(128)), low, high);
  const __m512i shift = _mm512_slli_epi16(_mm512_and_si512(code, _mm512_set1_epi16(1)), 3);
  return _mm512_cvtepi16_epi8(_mm512_srlv_epi16(found, shift));
}

void octet_lut_q8_32__avx512vnni(const uint8_t* x, int64_t n, const uint8_t* table, uint8_t* out) {
  __m512i part[4];
  for (int i = 0; i < 4; i++) part[i] = _mm512_loadu_si512(table + 64 * i);
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const __m256i y = look_up(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + i)), part);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), y);
  }
  if (i == n) return;
  const __mmask32 rest = (1u << (n - i)) - 1;
  _mm256_mask_storeu_epi8(out + i, rest, look_up(_mm256_maskz_loadu_epi8(rest, x + i), part));
}

}  // namespace

extern "C" const LutQ8Kernel octet_lut_q8__avx512vnni = {octet_lut_q8_32__avx512vnni};
