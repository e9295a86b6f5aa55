// f32 product in the fixed order: every output is one chain acc = fma(x, w, acc) over the spans in order, from +0, the
// bias added after the last step, then the clamp. The chain does not depend on the tile, so any width gives the same
// bits, and partial sums may rest in memory between blocks of K.
//
// V: a vector traits struct {F, kLanes, load, store, store_first(n), set1, zero, fma, add, max, min}.
#include "kernels/gemm.h"
#include "kernels/gemm_tiles.h"

namespace {

template <typename V, int MR, int NV>
__attribute__((noinline)) void tile_f32(const octet::GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs,
                                        int place) {
  using F = typename V::F;
  F acc[MR][NV];
  float* partial = g.partial + static_cast<int64_t>(place) * NV * V::kLanes;
  if (g.load_partial) {
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) acc[m][v] = V::load(partial + (m * NV + v) * V::kLanes);
    }
  } else {
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) acc[m][v] = V::zero();
    }
  }
  const uint8_t* r[MR];
#pragma GCC unroll 8
  for (int m = 0; m < MR; ++m) r[m] = rows[m];
  const octet::GemmSpan* const end = g.spans + g.span_count;
  for (const octet::GemmSpan* span = g.spans; span != end; ++span) {
    const float* b = reinterpret_cast<const float*>(g.panel) + span->b * (NV * V::kLanes);
    int64_t i = span->a;
    for (int k = span->steps; k > 0; --k) {
      F w[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) w[v] = V::load(b + v * V::kLanes);
#pragma GCC unroll 8
      for (int m = 0; m < MR; ++m) {
        const F x = V::broadcast(r[m] + i);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) acc[m][v] = V::fma(x, w[v], acc[m][v]);
      }
      b += NV * V::kLanes;
      i += 4;
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) OCTET_KEEP(acc[m][v]);
  }
  if (g.store_partial) {
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) V::store(partial + (m * NV + v) * V::kLanes, acc[m][v]);
    }
    return;
  }
  const F lo = V::set1(g.lo), hi = V::set1(g.hi);
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int left = g.columns - v * V::kLanes;
    if (g.bias) {
      const F bias = V::load(g.bias + v * V::kLanes);
#pragma GCC unroll 8
      for (int m = 0; m < MR; ++m) acc[m][v] = V::add(acc[m][v], bias);
    }
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
      float* out = reinterpret_cast<float*>(outs[m]) + v * V::kLanes;
      const F y = V::min(hi, V::max(lo, acc[m][v]));  // NaN passes: the second operand is the result
      if (left >= V::kLanes) {
        V::store(out, y);
      } else if (left > 0) {
        V::store_first(out, y, left);
      }
    }
  }
}

template <typename V, int NV>
inline void run_f32(const octet::GemmBand& g) {
  static const Tile tiles[] = {tile_f32<V, 1, NV>, tile_f32<V, 2, NV>, tile_f32<V, 3, NV>,
                               tile_f32<V, 4, NV>, tile_f32<V, 5, NV>, tile_f32<V, 6, NV>};
  run_tiles(g, tiles, 6);
}

}  // namespace
