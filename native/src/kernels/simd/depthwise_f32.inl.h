// f32 depthwise convolution in the fixed order: every output one chain over its valid taps (ky, kx).
// V: the traits of gemm_f32.inl.h.
#include "kernels/depthwise.h"
#include "kernels/gemm_tiles.h"

namespace {

// P neighbouring outputs by NV registers of channels.
template <typename V, int P, int NV>
__attribute__((noinline)) void depthwise_f32_tile(const octet::DepthwiseF32Band& g, int64_t c, int64_t p) {
  using F = typename V::F;
  F acc[P][NV];
#pragma GCC unroll 8
  for (int i = 0; i < P; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) acc[i][v] = V::zero();
  }
  const float* in = g.in + p * g.step + c;
  const float* weights = g.weights + c;
  for (int ky = 0; ky < g.kh; ++ky) {
    for (int kx = 0; kx < g.kw; ++kx) {
      const float* x = in + ky * g.tap_y + kx * g.tap_x;
      const float* w = weights + ky * g.weight_y + kx * g.weight_x;
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        const F weight = V::load(w + v * V::kLanes);
#pragma GCC unroll 8
        for (int i = 0; i < P; ++i) acc[i][v] = V::fma(V::load(x + i * g.step + v * V::kLanes), weight, acc[i][v]);
      }
    }
  }
  const F lo = V::set1(g.lo), hi = V::set1(g.hi);
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int64_t left = g.channels - c - v * V::kLanes;
#pragma GCC unroll 8
    for (int i = 0; i < P; ++i) {
      OCTET_KEEP(acc[i][v]);
      F y = acc[i][v];
      if (g.bias) y = V::add(y, V::load(g.bias + c + v * V::kLanes));
      y = V::min(hi, V::max(lo, y));  // NaN passes: the second operand is the result
      float* out = g.out + (p + i) * g.channels + c + v * V::kLanes;
      if (left >= V::kLanes) {
        V::store(out, y);
      } else {
        V::store_first(out, y, static_cast<int>(left));
      }
    }
  }
}

template <typename V, int NV>
inline void depthwise_f32_columns(const octet::DepthwiseF32Band& g, int64_t c) {
  int64_t p = 0;
  for (; p + 4 <= g.width; p += 4) depthwise_f32_tile<V, 4, NV>(g, c, p);
  for (; p + 2 <= g.width; p += 2) depthwise_f32_tile<V, 2, NV>(g, c, p);
  for (; p < g.width; ++p) depthwise_f32_tile<V, 1, NV>(g, c, p);
}

template <typename V, int NV>
inline void depthwise_f32(const octet::DepthwiseF32Band& g) {
  int64_t c = 0;
  for (; c + (NV - 1) * V::kLanes < g.channels; c += NV * V::kLanes) depthwise_f32_columns<V, NV>(g, c);
  for (; c < g.channels; c += V::kLanes) depthwise_f32_columns<V, 1>(g, c);
}

}  // namespace
