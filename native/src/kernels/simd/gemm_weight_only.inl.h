// f32 products with weights of 8 or 4 bits: every lane is a column, so that the order of the sums is the specification's.
//
// V: a vector traits struct of floats.h with {I, codes, low_nibbles, high_nibbles, to_float}.
#include "kernels/gemm_tiles.h"
#include "kernels/weight_only.h"

namespace {

// MR rows by NV registers of columns.
template <typename V, int kBits, int MR, int NV>
__attribute__((noinline)) void tile_weight_only(const octet::WeightOnlyBand& g) {
  using F = typename V::F;
  constexpr int kFetchAhead = 2048;
  F sum[MR][NV];
  const float* r[MR];
#pragma GCC unroll 4
  for (int m = 0; m < MR; ++m) {
    r[m] = g.a + m * g.a_stride;
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) sum[m][v] = V::zero();
  }
  const uint8_t* b = g.panel;
  const float* scale = g.scale;
  int64_t i = 0;
  for (int group = 0; group < g.groups; ++group) {
    F part[MR][NV];
#pragma GCC unroll 4
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) part[m][v] = V::zero();
    }
    for (int k = g.group_steps; k > 0; --k) {
      F w[2][NV];
      if (MR == 1) __builtin_prefetch(b + kFetchAhead);
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) {
        const typename V::I codes = V::codes(b + v * V::kLanes);
        w[0][v] = V::to_float(kBits == 8 ? codes : V::low_nibbles(codes));
        if (kBits == 4) w[1][v] = V::to_float(V::high_nibbles(codes));
      }
#pragma GCC unroll 2
      for (int u = 0; u < (kBits == 8 ? 1 : 2); ++u) {
#pragma GCC unroll 4
        for (int m = 0; m < MR; ++m) {
          const F x = V::set1(r[m][i + u]);
#pragma GCC unroll 8
          for (int v = 0; v < NV; ++v) part[m][v] = V::fma(x, w[u][v], part[m][v]);
        }
      }
      i += kBits == 8 ? 1 : 2;
      b += NV * V::kLanes;
    }
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) {
      const F s = V::load(scale + v * V::kLanes);
#pragma GCC unroll 4
      for (int m = 0; m < MR; ++m) sum[m][v] = V::fma(part[m][v], s, sum[m][v]);
    }
    scale += g.scale_stride;
  }
  const F lo = V::set1(g.lo), hi = V::set1(g.hi);
#pragma GCC unroll 8
  for (int v = 0; v < NV; ++v) {
    const int left = g.columns - v * V::kLanes;
#pragma GCC unroll 4
    for (int m = 0; m < MR; ++m) {
      F y = sum[m][v];
      if (g.bias) y = V::add(y, V::load(g.bias + v * V::kLanes));
      y = V::min(hi, V::max(lo, y));  // NaN passes: the second operand is the result
      float* const out = g.out + m * g.out_stride + v * V::kLanes;
      if (left >= V::kLanes) {
        V::store(out, y);
      } else if (left > 0) {
        V::store_first(out, y, left);
      }
    }
  }
}

// Bands of at most kRows rows.
template <typename V, int kBits, int kRows, int NV>
inline void run_weight_only(const octet::WeightOnlyBand& g) {
  static void (*const tiles[])(const octet::WeightOnlyBand&) = {
      tile_weight_only<V, kBits, 1, NV>,
      tile_weight_only<V, kBits, 2, NV>,
      tile_weight_only < V,
      kBits,
      kRows < 3 ? kRows : 3,
      NV >
      , tile_weight_only < V, kBits, kRows < 4 ? kRows : 4, NV > };
  octet::WeightOnlyBand band = g;
  while (band.rows > 0) {
    const int32_t left = band.rows;
    band.rows = left < kRows ? left : kRows;
    tiles[band.rows - 1](band);
    band.a += band.rows * g.a_stride;
    band.out += band.rows * g.out_stride;
    band.rows = left - band.rows;
  }
}

}  // namespace
