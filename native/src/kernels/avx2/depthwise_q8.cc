// 8-bit depthwise convolution with vpmaddwd: pairs of two codes, widened to s16.
#include "kernels/avx2/depthwise_strip.h"

namespace {

struct Pairs {
  using Weight = int16_t;
  static constexpr int kRows = 2;
  // Leaves channel 16 L + 4 v + i at 128-bit lane L, element i of register v, which the packs of the end undo.
  static void interleave(const __m256i* r, __m256i* pairs) {
    const __m256i low = _mm256_unpacklo_epi8(r[0], r[1]), high = _mm256_unpackhi_epi8(r[0], r[1]);
    const __m256i zero = _mm256_setzero_si256();
    pairs[0] = _mm256_unpacklo_epi8(low, zero);
    pairs[1] = _mm256_unpackhi_epi8(low, zero);
    pairs[2] = _mm256_unpacklo_epi8(high, zero);
    pairs[3] = _mm256_unpackhi_epi8(high, zero);
  }
  static __m256i add_products(__m256i acc, __m256i pairs, __m256i w) {
    return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, w));
  }
};

void octet_depthwise_u8s8u8_32__avx2(const octet::DepthwiseQ8Band& g) { depthwise_by_strip<Pairs>(g); }

}  // namespace

extern "C" const octet::DepthwiseQ8Kernel octet_depthwise_q8__avx2 = {octet_depthwise_u8s8u8_32__avx2,
                                                                      2,
                                                                      {nullptr, 8, 4, 2, 2, nullptr},
                                                                      /*permuted=*/1,
                                                                      /*overlaps=*/1,
                                                                      pack_depthwise<Pairs>};
