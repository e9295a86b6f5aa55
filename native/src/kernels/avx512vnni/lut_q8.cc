// The table as 128 words in four registers: two looks at 64 words each, of which the code's low bit picks a half. The even
// and the odd codes of a register are looked up apart, so that nothing is widened.
#include <immintrin.h>

#include "kernels/elementwise.h"

namespace {

// Of a code times two, in the low seven bits or above them; upper: which codes are 128 and more.
inline __m512i look_up_words(__m512i word, __mmask32 upper, const __m512i* part) {
  const __m512i low = _mm512_permutex2var_epi16(part[0], word, part[1]);
  const __m512i high = _mm512_permutex2var_epi16(part[2], word, part[3]);
  return _mm512_mask_blend_epi16(upper, low, high);
}

inline __m512i look_up(__m512i codes, const __m512i* part) {
  const __mmask32 even_upper = _mm512_test_epi16_mask(codes, _mm512_set1_epi16(0x80));
  const __m512i even = look_up_words(_mm512_srli_epi16(codes, 1), even_upper, part);
  const __m512i odd = look_up_words(_mm512_srli_epi16(codes, 9), _mm512_movepi16_mask(codes), part);
  const __mmask32 second = _mm512_test_epi16_mask(codes, _mm512_set1_epi16(0x01));
  const __mmask32 first = _mm512_testn_epi16_mask(codes, _mm512_set1_epi16(0x100));
  const __m512i low = _mm512_mask_srli_epi16(even, second, even, 8);
  const __m512i high = _mm512_mask_slli_epi16(odd, first, odd, 8);
  return _mm512_ternarylogic_epi32(_mm512_set1_epi16(0xFF), low, high, 0xCA);
}

void octet_lut_q8_64__avx512vnni(const uint8_t* x, int64_t rows, int64_t n, const uint8_t* table, uint8_t* out,
                                 int64_t out_stride) {
  __m512i part[4];
  for (int i = 0; i < 4; i++) part[i] = _mm512_loadu_si512(table + 64 * i);
  const __mmask64 rest = (uint64_t{1} << (n % 64)) - 1;
  for (int64_t r = 0; r < rows; r++, x += n, out += out_stride) {
    int64_t i = 0;
    for (; i + 64 <= n; i += 64) _mm512_storeu_si512(out + i, look_up(_mm512_loadu_si512(x + i), part));
    if (i < n) _mm512_mask_storeu_epi8(out + i, rest, look_up(_mm512_maskz_loadu_epi8(rest, x + i), part));
  }
}

}  // namespace

extern "C" const LutQ8Kernel octet_lut_q8__avx512vnni = {octet_lut_q8_64__avx512vnni};
