// u8 x s8 -> s32 product on 256-bit registers, exact: both operands are widened to s16 and multiplied with vpmaddwd
// (the byte form, vpmaddubsw, saturates). A is widened once into scratch, the weights on every load.
//
// Panels: [K/2][8 * NV][2] s8, NV = 1..2; columns permuted for 8-bit output as in pack/panels.h.
#include <immintrin.h>

#include "kernels/avx2/finish_q8.h"
#include "kernels/gemm.h"
#include "kernels/gemm_tiles.h"

namespace {

using octet::GemmBand;
using octet::GemmSpan;

template <int MR, int NV>
__attribute__((noinline)) void tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs, int place) {
  __m256i acc[MR][NV];
#pragma GCC unroll 2
  for (int v = 0; v < NV; ++v) {
    const __m256i s = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(g.start + 8 * v));
#pragma GCC unroll 6
    for (int m = 0; m < MR; ++m) acc[m][v] = s;
  }
  const uint8_t* r[MR];
#pragma GCC unroll 6
  for (int m = 0; m < MR; ++m) r[m] = rows[m];
  const GemmSpan* const end = g.spans + g.span_count;
  for (const GemmSpan* span = g.spans; span != end; ++span) {
    const uint8_t* b = g.panel + span->b * (NV * 16);
    int64_t i = span->a;
    for (int k = span->steps; k > 0; --k) {
      __m256i w[NV];
#pragma GCC unroll 2
      for (int v = 0; v < NV; ++v) {
        w[v] = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(b + v * 16)));
      }
#pragma GCC unroll 6
      for (int m = 0; m < MR; ++m) {
        const __m256i x = _mm256_set1_epi32(load32(r[m] + i));
#pragma GCC unroll 2
        for (int v = 0; v < NV; ++v) acc[m][v] = _mm256_add_epi32(acc[m][v], _mm256_madd_epi16(x, w[v]));
      }
      b += NV * 16;
      i += 4;
    }
  }
  alignas(32) int32_t spill[MR * NV * 8];
#pragma GCC unroll 6
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 2
    for (int v = 0; v < NV; ++v) {
      OCTET_KEEP(acc[m][v]);
      _mm256_store_si256(reinterpret_cast<__m256i*>(spill + (m * NV + v) * 8), acc[m][v]);
    }
  }
  finish<NV>(g, spill, outs, MR, place);
}

const Tile kTiles2[] = {tile<1, 2>, tile<2, 2>, tile<3, 2>, tile<4, 2>, tile<5, 2>, tile<6, 2>};
const Tile kTiles1[] = {tile<1, 1>, tile<2, 1>, tile<3, 1>, tile<4, 1>, tile<5, 1>, tile<6, 1>};

void octet_gemm_u8s8s32_6x16__avx2(const GemmBand& g) { run_tiles(g, g.vectors == 2 ? kTiles2 : kTiles1, 6); }

void octet_gemm_widen__avx2(const GemmBand& g, uint8_t* rows, int64_t row_bytes) {
  const __m128i flip = _mm_set1_epi32(static_cast<int>(g.flip));
  int x = g.first % g.width;
  const uint8_t* a = g.a + x * g.a_x + g.first / g.width * g.a_y;
  for (int p = 0; p < g.count; ++p) {
    uint8_t* to = rows + p * row_bytes;
    for (int s = 0; s < g.span_count; ++s) {
      const uint8_t* from = a + g.spans[s].a;
      const int bytes = g.spans[s].bytes;
      // Up to 15 codes too many: the next span or row overwrites them, or they meet zero weights.
      for (int i = 0; i < bytes; i += 16) {
        const __m128i v = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)), flip);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + 2 * i), _mm256_cvtepu8_epi16(v));
      }
      to += 4 * g.spans[s].steps;
    }
    a += g.a_x;
    if (++x == g.width) {
      x = 0;
      a += g.a_y - g.width * g.a_x;
    }
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_q8__avx2 = {
    octet_gemm_u8s8s32_6x16__avx2, /*lanes=*/8, /*max_vectors=*/2, /*k_group=*/2, /*element=*/1,
    octet_gemm_widen__avx2};
