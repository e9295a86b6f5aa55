// s8 x s8 -> s32 product with sdot: one instruction adds four quads of products. u8 codes become s8 by `flip`; the
// operator moves the zero point along.
//
// Panels: [K/4][4 * NV][4] s8, NV = 1..4.
#include "kernels/gemm_tiles.h"
#include "kernels/neon/store_q8.h"

namespace {

using octet::GemmBand;
using octet::GemmSpan;

// MR rows by 4 * NV columns. Small tiles keep two sets of accumulators to hide the latency.
template <int MR, int NV>
__attribute__((noinline)) void tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs, int place) {
  constexpr int U = MR * NV <= 8 ? 2 : 1, kStep = 16 * NV;
  int32x4_t acc[U][MR][NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int32x4_t s = vld1q_s32(g.start + 4 * v);
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
      acc[0][m][v] = s;
      if (U > 1) acc[U - 1][m][v] = vdupq_n_s32(0);
    }
  }
  const uint8_t* r[MR];
#pragma GCC unroll 8
  for (int m = 0; m < MR; ++m) r[m] = rows[m];
  const int8x16_t flip = vreinterpretq_s8_u32(vdupq_n_u32(g.flip));
  const GemmSpan* const end = g.spans + g.span_count;
  for (const GemmSpan* span = g.spans; span != end; ++span) {
    const int8_t* b = reinterpret_cast<const int8_t*>(g.panel) + span->b * kStep;
    int64_t i = span->a;
    int k = span->steps;
    for (; k >= 4; k -= 4) {
      int8x16_t x[MR];
#pragma GCC unroll 8
      for (int m = 0; m < MR; ++m) x[m] = veorq_s8(vreinterpretq_s8_u8(vld1q_u8(r[m] + i)), flip);
#define OCTET_STEP(j)                                                       \
  _Pragma("GCC unroll 4") for (int v = 0; v < NV; ++v) {                    \
    const int8x16_t w = vld1q_s8(b + ((j)*NV + v) * 16);                    \
    _Pragma("GCC unroll 8") for (int m = 0; m < MR; ++m) {                  \
      acc[(j) % U][m][v] = vdotq_laneq_s32(acc[(j) % U][m][v], w, x[m], j); \
    }                                                                       \
  }
      OCTET_STEP(0)
      OCTET_STEP(1)
      OCTET_STEP(2)
      OCTET_STEP(3)
#undef OCTET_STEP
      b += 4 * kStep;
      i += 16;
    }
    for (; k > 0; --k) {
      int8x16_t x[MR];
#pragma GCC unroll 8
      for (int m = 0; m < MR; ++m) x[m] = veorq_s8(vreinterpretq_s8_s32(vdupq_n_s32(load32(r[m] + i))), flip);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        const int8x16_t w = vld1q_s8(b + v * 16);
#pragma GCC unroll 8
        for (int m = 0; m < MR; ++m) acc[0][m][v] = vdotq_s32(acc[0][m][v], w, x[m]);
      }
      b += kStep;
      i += 4;
    }
  }
  int32_t spill[MR * NV * 4];
#pragma GCC unroll 8
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      if (U > 1) acc[0][m][v] = vaddq_s32(acc[0][m][v], acc[U - 1][m][v]);
      OCTET_KEEP(acc[0][m][v]);
      vst1q_s32(spill + (m * NV + v) * 4, acc[0][m][v]);
    }
  }
  finish<NV>(g, spill, outs, MR, place);
}

// Up to 24 accumulators.
const Tile kTiles4[] = {tile<1, 4>, tile<2, 4>, tile<3, 4>, tile<4, 4>, tile<5, 4>, tile<6, 4>};
const Tile kTiles3[] = {tile<1, 3>, tile<2, 3>, tile<3, 3>, tile<4, 3>, tile<5, 3>, tile<6, 3>};
const Tile kTiles2[] = {tile<1, 2>, tile<2, 2>, tile<3, 2>, tile<4, 2>, tile<5, 2>, tile<6, 2>, tile<7, 2>, tile<8, 2>};
const Tile kTiles1[] = {tile<1, 1>, tile<2, 1>, tile<3, 1>, tile<4, 1>, tile<5, 1>, tile<6, 1>, tile<7, 1>, tile<8, 1>};

void octet_gemm_s8s8s32_6x16__neondot(const GemmBand& g) {
  switch (g.vectors) {
    case 4:
      return run_tiles(g, kTiles4, 6);
    case 3:
      return run_tiles(g, kTiles3, 6);
    case 2:
      return run_tiles(g, kTiles2, 8);
    default:
      return run_tiles(g, kTiles1, 8);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_q8__neondot = {octet_gemm_s8s8s32_6x16__neondot,
                                                             /*lanes=*/4,
                                                             /*max_vectors=*/4,
                                                             /*k_group=*/4,
                                                             /*element=*/1,
                                                             nullptr,
                                                             /*signed_a=*/1};
