// s8 x s8 -> s32 product without a dot-product instruction: smull makes eight exact s16 products, sadalp adds
// neighbours into s32. (Adding two products in s16 first, smlal, would overflow at (-128)(-128) twice.) u8 codes become
// s8 by `flip`.
//
// Panels: [K/2][4 * NV][2] s8, NV = 1..4.
#include "kernels/gemm_tiles.h"
#include "kernels/neon/store_q8.h"

namespace {

using octet::GemmBand;
using octet::GemmSpan;

inline int16_t load16(const uint8_t* p) {
  int16_t v;
  __builtin_memcpy(&v, p, 2);
  return v;
}

// acc += one pair of A, repeated in x, times the pairs of all columns.
template <int NV>
inline void add_pair(int32x4_t* acc, int8x16_t x, const int8x16_t* w) {
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int16x8_t products =
        v % 2 == 0 ? vmull_s8(vget_low_s8(x), vget_low_s8(w[v / 2])) : vmull_high_s8(x, w[v / 2]);
    acc[v] = vpadalq_s16(acc[v], products);
  }
}

template <int NV>
inline void load_weights(const int8_t* b, int8x16_t* w) {
#pragma GCC unroll 2
  for (int i = 0; i < NV / 2; ++i) w[i] = vld1q_s8(b + 16 * i);
  if (NV % 2 != 0) w[NV / 2] = vcombine_s8(vld1_s8(b + 8 * (NV - 1)), vdup_n_s8(0));
}

template <int MR, int NV>
__attribute__((noinline)) void tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs, int place) {
  constexpr int kStep = 8 * NV;
  int32x4_t acc[MR][NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int32x4_t s = vld1q_s32(g.start + 4 * v);
#pragma GCC unroll 4
    for (int m = 0; m < MR; ++m) acc[m][v] = s;
  }
  const uint8_t* r[MR];
#pragma GCC unroll 4
  for (int m = 0; m < MR; ++m) r[m] = rows[m];
  const int8x16_t flip = vreinterpretq_s8_u32(vdupq_n_u32(g.flip));
  const GemmSpan* const end = g.spans + g.span_count;
  for (const GemmSpan* span = g.spans; span != end; ++span) {
    const int8_t* b = reinterpret_cast<const int8_t*>(g.panel) + span->b * kStep;
    int64_t i = span->a;
    int k = span->steps;
    for (; k >= 4; k -= 4) {
      int16x4_t x[MR];
#pragma GCC unroll 4
      for (int m = 0; m < MR; ++m) {
        x[m] = vreinterpret_s16_s8(veor_s8(vreinterpret_s8_u8(vld1_u8(r[m] + i)), vget_low_s8(flip)));
      }
#define OCTET_STEP(j)                                                         \
  {                                                                           \
    int8x16_t w[(NV + 1) / 2];                                                \
    load_weights<NV>(b + (j)*kStep, w);                                       \
    _Pragma("GCC unroll 4") for (int m = 0; m < MR; ++m) {                    \
      add_pair<NV>(acc[m], vreinterpretq_s8_s16(vdupq_lane_s16(x[m], j)), w); \
    }                                                                         \
  }
      OCTET_STEP(0)
      OCTET_STEP(1)
      OCTET_STEP(2)
      OCTET_STEP(3)
#undef OCTET_STEP
      b += 4 * kStep;
      i += 8;
    }
    for (; k > 0; --k) {
      int8x16_t w[(NV + 1) / 2];
      load_weights<NV>(b, w);
#pragma GCC unroll 4
      for (int m = 0; m < MR; ++m) {
        add_pair<NV>(acc[m], veorq_s8(vreinterpretq_s8_s16(vdupq_n_s16(load16(r[m] + i))), flip), w);
      }
      b += kStep;
      i += 2;
    }
  }
  int32_t spill[MR * NV * 4];
#pragma GCC unroll 4
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      OCTET_KEEP(acc[m][v]);
      vst1q_s32(spill + (m * NV + v) * 4, acc[m][v]);
    }
  }
  finish<NV>(g, spill, outs, MR, place);
}

template <int NV>
inline void run(const GemmBand& g) {
  static const Tile tiles[] = {tile<1, NV>, tile<2, NV>, tile<3, NV>, tile<4, NV>};
  run_tiles(g, tiles, 4);
}

void octet_gemm_s8s8s32_4x16__neon(const GemmBand& g) {
  switch (g.vectors) {
    case 4:
      return run<4>(g);
    case 3:
      return run<3>(g);
    case 2:
      return run<2>(g);
    default:
      return run<1>(g);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_q8__neon = {octet_gemm_s8s8s32_4x16__neon,
                                                          /*lanes=*/4,
                                                          /*max_vectors=*/4,
                                                          /*k_group=*/2,
                                                          /*element=*/1,
                                                          nullptr,
                                                          /*signed_a=*/1};
