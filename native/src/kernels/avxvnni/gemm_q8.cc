// u8 x s8 -> s32 product with vpdpbusd on 256-bit registers, in the VEX encoding. The test compiles this file a second time,
// for AVX-512, where the same instruction is encoded with EVEX: for machines that have one of the two only.
//
// Panels: [K/4][8 * NV][4] s8, NV = 1..2; columns permuted for 8-bit output as in pack/panels.h.
#include <immintrin.h>

#include "kernels/avx2/finish_q8.h"
#include "kernels/avxvnni/products.h"
#include "kernels/gemm.h"
#include "kernels/gemm_tiles.h"

namespace {

using octet::GemmBand;
using octet::GemmSpan;

template <bool kFlip>
inline __m256i quads(const uint8_t* p, __m256i flip) {
  const __m256i x = _mm256_set1_epi32(load32(p));
  return kFlip ? _mm256_xor_si256(x, flip) : x;
}

// MR rows by 8 * NV columns. Small tiles keep U sets of accumulators to hide the latency of the instruction.
template <int MR, int NV, bool kFlip>
__attribute__((noinline)) void tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs, int place) {
  constexpr int U = MR * NV >= 6 ? 1 : MR * NV >= 3 ? 2 : 4;
  __m256i acc[U][MR][NV];
#pragma GCC unroll 2
  for (int v = 0; v < NV; ++v) {
    const __m256i s = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(g.start + 8 * v));
#pragma GCC unroll 6
    for (int m = 0; m < MR; ++m) {
      acc[0][m][v] = s;
#pragma GCC unroll 4
      for (int u = 1; u < U; ++u) acc[u][m][v] = _mm256_setzero_si256();
    }
  }
  const uint8_t* r[MR];
#pragma GCC unroll 6
  for (int m = 0; m < MR; ++m) r[m] = rows[m];
  const __m256i flip = _mm256_set1_epi32(static_cast<int>(g.flip));
  const GemmSpan* const end = g.spans + g.span_count;
  for (const GemmSpan* span = g.spans; span != end; ++span) {
    const uint8_t* b = g.panel + span->b * (NV * 32);
    int64_t i = span->a;
    int k = span->steps;
    // One step: the next quad of every row into the sums of set u.
    const auto step = [&](int u) __attribute__((always_inline)) {
      __m256i w[NV];
#pragma GCC unroll 2
      for (int v = 0; v < NV; ++v) w[v] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(b + v * 32));
#pragma GCC unroll 6
      for (int m = 0; m < MR; ++m) {
        const __m256i x = quads<kFlip>(r[m] + i, flip);
#pragma GCC unroll 2
        for (int v = 0; v < NV; ++v) acc[u][m][v] = add_products(acc[u][m][v], x, w[v]);
      }
      b += NV * 32;
      i += 4;
    };
    if (U > 1) {
      for (; k >= U; k -= U) {
#pragma GCC unroll 4
        for (int u = 0; u < U; ++u) step(u);
      }
    }
    for (; k > 0; --k) step(0);
  }
  alignas(32) int32_t spill[MR * NV * 8];
#pragma GCC unroll 6
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 2
    for (int v = 0; v < NV; ++v) {
#pragma GCC unroll 4
      for (int u = 1; u < U; ++u) acc[0][m][v] = _mm256_add_epi32(acc[0][m][v], acc[u][m][v]);
      OCTET_KEEP(acc[0][m][v]);
      _mm256_store_si256(reinterpret_cast<__m256i*>(spill + (m * NV + v) * 8), acc[0][m][v]);
    }
  }
  finish<NV>(g, spill, outs, MR, place);
}

template <int NV, bool kFlip>
void run(const GemmBand& g) {
  static const Tile tiles[] = {tile<1, NV, kFlip>, tile<2, NV, kFlip>, tile<3, NV, kFlip>,
                               tile<4, NV, kFlip>, tile<5, NV, kFlip>, tile<6, NV, kFlip>};
  run_tiles(g, tiles, 6);
}

void octet_gemm_u8s8s32_6x16__avxvnni(const GemmBand& g) {
  if (g.vectors == 2) {
    g.flip != 0 ? run<2, true>(g) : run<2, false>(g);
  } else {
    g.flip != 0 ? run<1, true>(g) : run<1, false>(g);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_q8__avxvnni = {
    octet_gemm_u8s8s32_6x16__avxvnni, /*lanes=*/8, /*max_vectors=*/2, /*k_group=*/4, /*element=*/1, nullptr};
