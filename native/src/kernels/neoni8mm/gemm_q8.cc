// u8 x s8 -> s32 product with usmmla: two rows of A by two columns, eight steps of K each, into a 2 x 2 block of sums.
//
// Panels: [K/8][4 * NV][8] s8, NV = 1..4.
#include "kernels/gemm_tiles.h"
#include "kernels/neon/store_q8.h"

namespace {

using octet::GemmBand;
using octet::GemmSpan;

// MR rows by 4 * NV columns. An odd last row is its own partner.
template <int MR, int NV>
__attribute__((noinline)) void tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs, int place) {
  constexpr int kPairs = (MR + 1) / 2, kStep = 32 * NV;
  int32x4_t acc[kPairs][2 * NV];  // of each pair of columns: {row 0, row 0, row 1, row 1}
#pragma GCC unroll 8
  for (int v = 0; v < 2 * NV; ++v) {
    const int32x2_t s = vld1_s32(g.start + 2 * v);
#pragma GCC unroll 4
    for (int p = 0; p < kPairs; ++p) acc[p][v] = vcombine_s32(s, s);
  }
  const uint8_t* r[2 * kPairs];
#pragma GCC unroll 8
  for (int m = 0; m < 2 * kPairs; ++m) r[m] = rows[m < MR ? m : MR - 1];
  const uint8x16_t flip = vreinterpretq_u8_u32(vdupq_n_u32(g.flip));
  const GemmSpan* const end = g.spans + g.span_count;
  for (const GemmSpan* span = g.spans; span != end; ++span) {
    const int8_t* b = reinterpret_cast<const int8_t*>(g.panel) + span->b * kStep;
    int64_t i = span->a;
    for (int k = span->steps; k > 0; --k) {
      uint8x16_t x[kPairs];
#pragma GCC unroll 4
      for (int p = 0; p < kPairs; ++p)
        x[p] = veorq_u8(vcombine_u8(vld1_u8(r[2 * p] + i), vld1_u8(r[2 * p + 1] + i)), flip);
#pragma GCC unroll 8
      for (int v = 0; v < 2 * NV; ++v) {
        const int8x16_t w = vld1q_s8(b + 16 * v);
#pragma GCC unroll 4
        for (int p = 0; p < kPairs; ++p) acc[p][v] = vusmmlaq_s32(acc[p][v], x[p], w);
      }
      b += kStep;
      i += 8;
    }
  }
  int32_t spill[2 * kPairs * NV * 4];
#pragma GCC unroll 4
  for (int p = 0; p < kPairs; ++p) {
#pragma GCC unroll 8
    for (int v = 0; v < 2 * NV; ++v) {
      OCTET_KEEP(acc[p][v]);
      vst1_s32(spill + 2 * p * NV * 4 + 2 * v, vget_low_s32(acc[p][v]));
      vst1_s32(spill + (2 * p + 1) * NV * 4 + 2 * v, vget_high_s32(acc[p][v]));
    }
  }
  finish<NV>(g, spill, outs, MR, place);
}

// Up to 24 accumulators.
const Tile kTiles4[] = {tile<1, 4>, tile<2, 4>, tile<3, 4>, tile<4, 4>, tile<5, 4>, tile<6, 4>};
const Tile kTiles3[] = {tile<1, 3>, tile<2, 3>, tile<3, 3>, tile<4, 3>, tile<5, 3>, tile<6, 3>, tile<7, 3>, tile<8, 3>};
const Tile kTiles2[] = {tile<1, 2>, tile<2, 2>, tile<3, 2>, tile<4, 2>, tile<5, 2>, tile<6, 2>, tile<7, 2>, tile<8, 2>};
const Tile kTiles1[] = {tile<1, 1>, tile<2, 1>, tile<3, 1>, tile<4, 1>, tile<5, 1>, tile<6, 1>, tile<7, 1>, tile<8, 1>};

void octet_gemm_u8s8s32_6x16__neoni8mm(const GemmBand& g) {
  switch (g.vectors) {
    case 4:
      return run_tiles(g, kTiles4, 6);
    case 3:
      return run_tiles(g, kTiles3, 8);
    case 2:
      return run_tiles(g, kTiles2, 8);
    default:
      return run_tiles(g, kTiles1, 8);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_q8__neoni8mm = {
    octet_gemm_u8s8s32_6x16__neoni8mm, /*lanes=*/4, /*max_vectors=*/4, /*k_group=*/8, /*element=*/1, nullptr};
