// f32 product in the fixed order: every output is one chain acc = fma(x, w, acc) over the spans in order, from +0, the
// bias added after the last step, then the clamp. The chain does not depend on the tile, so any width gives the same
// bits, and partial sums may rest in memory between blocks of K.
//
// V: a vector traits struct {F, kLanes, load, store, store_first(n), set1, zero, fma, add, max, min}.
#include "kernels/gemm.h"
#include "kernels/gemm_tiles.h"

namespace {

// x + -0 is x, for both zeros too: one path with and without a bias.
alignas(64) constexpr float kNoBias[16] = {-0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f,
                                           -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f, -0.0f};

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
  // Every step asks for a little of what the next call reads. With nothing to ask for it is a line that is there.
  const uint8_t* ahead = g.ahead != nullptr ? g.ahead + static_cast<int64_t>(place) * g.ahead_row : g.panel;
  const int64_t ahead_step = (MR * g.ahead_step + 255) >> 8;
  const octet::GemmSpan* span = g.spans;
  for (int left = g.span_count; left > 0; --left, ++span) {
    // The index runs up to zero, so that it counts the steps as well: with one register more the loop spills.
    int64_t i = -4 * static_cast<int64_t>(span->steps);
    if (i == 0) continue;
    const uint8_t* r[MR];
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) r[m] = rows[m] + span->a - i;
    const float* b = reinterpret_cast<const float*>(g.panel) + span->b * (NV * V::kLanes);
    do {
      __builtin_prefetch(ahead, 0, 2);
      ahead += ahead_step;
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
    } while (i != 0);
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
  const float* const biases = g.bias != nullptr ? g.bias : kNoBias;
  const int bias_step = g.bias != nullptr ? V::kLanes : 0;
  if (g.columns == NV * V::kLanes) {
    F bias[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) bias[v] = V::load(biases + v * bias_step);
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
      float* out = reinterpret_cast<float*>(outs[m]);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) V::store(out + v * V::kLanes, V::min(hi, V::max(lo, V::add(acc[m][v], bias[v]))));
    }
    return;
  }
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int left = g.columns - v * V::kLanes;
    const F bias = V::load(biases + v * bias_step);
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
      float* out = reinterpret_cast<float*>(outs[m]) + v * V::kLanes;
      const F y = V::min(hi, V::max(lo, V::add(acc[m][v], bias)));  // NaN passes: the second operand is the result
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
  run_tiles(g, tiles, 6, /*fetch=*/false);
}

}  // namespace
