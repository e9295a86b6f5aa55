// 8-bit depthwise convolution with vpdpbusd on 256-bit registers: quads of four codes. The test compiles this file a second
// time, as gemm_q8.cc.
#include "kernels/avx2/depthwise_strip.h"
#include "kernels/avxvnni/products.h"

namespace {

struct Quads {
  using Weight = int8_t;
  static constexpr int kRows = 4;
  // Leaves channel 16 L + 4 v + i at 128-bit lane L, element i of register v, which the packs of the end undo.
  static void interleave(const __m256i* r, __m256i* quads) {
    const __m256i low01 = _mm256_unpacklo_epi8(r[0], r[1]), high01 = _mm256_unpackhi_epi8(r[0], r[1]);
    const __m256i low23 = _mm256_unpacklo_epi8(r[2], r[3]), high23 = _mm256_unpackhi_epi8(r[2], r[3]);
    quads[0] = _mm256_unpacklo_epi16(low01, low23);
    quads[1] = _mm256_unpackhi_epi16(low01, low23);
    quads[2] = _mm256_unpacklo_epi16(high01, high23);
    quads[3] = _mm256_unpackhi_epi16(high01, high23);
  }
  static __m256i add_products(__m256i acc, __m256i quads, __m256i w) { return ::add_products(acc, quads, w); }
};

void octet_depthwise_u8s8u8_32__avxvnni(const octet::DepthwiseQ8Band& g) { depthwise_by_strip<Quads>(g); }

}  // namespace

extern "C" const octet::DepthwiseQ8Kernel octet_depthwise_q8__avxvnni = {octet_depthwise_u8s8u8_32__avxvnni,
                                                                         2,
                                                                         {nullptr, 8, 4, 4, 1, nullptr},
                                                                         /*permuted=*/1,
                                                                         /*overlaps=*/1,
                                                                         pack_depthwise<Quads>};
